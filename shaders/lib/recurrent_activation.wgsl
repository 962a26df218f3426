// Activations of a lane of units (lib/recurrent.wgsl).
import package::lib::activation::{relu, relu4};
import package::lib::math::{sigmoid, tanh_precise};
import package::lib::recurrent::Lane;

@if(wide)
fn sigmoid_of(x: Lane) -> Lane {
  return vec4<f32>(sigmoid(x.x), sigmoid(x.y), sigmoid(x.z), sigmoid(x.w));
}
@if(narrow)
fn sigmoid_of(x: Lane) -> Lane {
  return sigmoid(x);
}

@if(wide)
fn tanh_of(x: Lane) -> Lane {
  return vec4<f32>(tanh_precise(x.x), tanh_precise(x.y), tanh_precise(x.z), tanh_precise(x.w));
}
@if(narrow)
fn tanh_of(x: Lane) -> Lane {
  return tanh_precise(x);
}

@if(wide)
fn relu_of(x: Lane) -> Lane {
  return relu4(x);
}
@if(narrow)
fn relu_of(x: Lane) -> Lane {
  return relu(x);
}
