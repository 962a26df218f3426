/** The ESM file of wgsl_reflect (its bare name does not load in Node) has the types of the package. */
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect';
}
