"""Writes e2e/goldens/fixtures/torch-files: files of torch.save and NumPy, and their values as JSON.

Files are small; several are views, types and layouts that a reader gets wrong in silence.
Run: python3 e2e/goldens/torch_files.py
"""
import collections
import json
import os
import pathlib
import pickle
import zipfile

import numpy
import torch

out = pathlib.Path(__file__).parent / 'fixtures' / 'torch-files'
out.mkdir(exist_ok=True)
values = {}


def plain(tensor):
    """Shape and values as float32; NaN and infinities as texts."""
    flat = [float(value) for value in numpy.asarray(tensor).astype(numpy.float32).reshape(-1)]
    return {'shape': list(tensor.shape), 'data': [value if numpy.isfinite(value) else str(value) for value in flat]}


def numbers(tensor):
    tensor = tensor.detach()
    return plain((tensor.float() if tensor.is_floating_point() else tensor).numpy())


def save(name, content, tensors=None, **options):
    torch.save(content, out / name, **options)
    if tensors is not None:
        values[name] = {key: numbers(tensor) for key, tensor in tensors.items()}


torch.manual_seed(0)
lenet = torch.nn.Sequential(collections.OrderedDict([
    ('conv1', torch.nn.Conv2d(1, 2, 5, padding=2)), ('bn', torch.nn.BatchNorm2d(2)), ('relu1', torch.nn.ReLU()),
    ('pool1', torch.nn.MaxPool2d(2)), ('conv2', torch.nn.Conv2d(2, 3, 3)), ('relu2', torch.nn.ReLU()),
    ('pool2', torch.nn.MaxPool2d(2)), ('flatten', torch.nn.Flatten()), ('fc', torch.nn.Linear(12, 4)),
]))
optimizer = torch.optim.Adam(lenet.parameters(), lr=0.01)
for _ in range(2):
    optimizer.zero_grad()
    lenet(torch.randn(3, 1, 12, 12)).square().mean().backward()
    optimizer.step()
state = lenet.state_dict()
save('lenet.pt', state, state)
save('protocol4.pt', state, state, pickle_protocol=4)
save('parameters.pt', dict(lenet.named_parameters()), dict(lenet.named_parameters()))
save('checkpoint.pt', {
    'epoch': 3, 'best_acc1': torch.tensor(0.5), 'arch': 'lenet', 'done': False, 'note': None, 'big': 2 ** 70,
    'negative': -(2 ** 40), 'size': torch.Size([2, 3]), 'dtype': torch.float16, 'device': torch.device('cuda:1'),
    'milestones': collections.Counter([3, 5, 5]), 'names': {'a'}, 'pair': (1.5, [2, 'zwei']),
    'state_dict': state, 'optimizer': optimizer.state_dict(),
}, state)

base = torch.arange(24, dtype=torch.float32)
matrix = base.view(4, 6)
views = {
    'whole': base, 'transposed': matrix.t(), 'rows': matrix[1:3], 'columns': matrix[:, 2:5], 'steps': base[1::5],
    'permuted': base.view(2, 3, 4).permute(2, 0, 1), 'expanded': base[3:5].view(2, 1).expand(2, 3), 'scalar': base[7],
    'empty': base[:0].view(0, 3), 'tied': matrix, 'one': base[5:6].view(1, 1), 'diagonal': torch.diagonal(matrix),
    'channelsLast': base.view(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
}
save('views.pt', views, views)

types = {
    'float32': torch.tensor([1.5, float('nan'), float('inf'), -0.0]), 'float64': torch.tensor([0.1, -1e30], dtype=torch.float64),
    'float16': torch.tensor([1.5, 65504, 6e-8], dtype=torch.float16), 'bfloat16': torch.tensor([1.5, 3e38, float('nan')], dtype=torch.bfloat16),
    'int64': torch.tensor([2 ** 24, -3]), 'int32': torch.tensor([7, -8], dtype=torch.int32),
    'int16': torch.tensor([-32768, 32767], dtype=torch.int16), 'int8': torch.tensor([-128, 127], dtype=torch.int8),
    'uint8': torch.tensor([0, 255], dtype=torch.uint8), 'bool': torch.tensor([True, False]),
    'stridedHalf': torch.arange(6, dtype=torch.float16).view(2, 3).t(), 'stridedLong': torch.arange(6).view(2, 3).t(),
}
save('types.pt', types, types)
save('complex.pt', {'z': torch.tensor([1 + 2j])})
save('list.pt', [torch.tensor([1.0, 2.0]), 5])
save('wide.pt', {'ids': torch.tensor([2 ** 24 + 1])})
save('legacy.pt', {'a': torch.ones(2)}, _use_new_zipfile_serialization=False)
save('module.pt', torch.nn.Linear(2, 1))
torch.jit.script(torch.nn.Linear(2, 1)).save(str(out / 'script.pt'))


class Hostile:
    def __reduce__(self):
        return os.system, ('echo hostile',)


with zipfile.ZipFile(out / 'hostile.pt', 'w') as archive:
    archive.writestr('archive/data.pkl', pickle.dumps({'a': Hostile()}, protocol=2))
    archive.writestr('archive/version', '3\n')

arrays = {
    name + order: numpy.arange(6).reshape(2, 3).astype(kind)
    for order, mark in (('Little', '<'), ('Big', '>'))
    for name, kind in ((code, mark + code) for code in ('f2', 'f4', 'f8', 'i2', 'i4', 'i8', 'u2', 'u4', 'u8'))
}
arrays.update({
    'i1': numpy.array([-128, 127], numpy.int8), 'u1': numpy.array([255], numpy.uint8), 'bool': numpy.array([True, False]),
    'fortran': numpy.asfortranarray(numpy.arange(24, dtype=numpy.float32).reshape(2, 3, 4)),
    'fortranBig': numpy.asfortranarray(numpy.arange(6).reshape(2, 3).astype('>i8')),
    'scalar': numpy.float32(2.5), 'empty': numpy.zeros((0, 3), numpy.float32), 'special': numpy.array([numpy.nan, -numpy.inf]),
    'nested/name ü': numpy.array([1.0]),
})
numpy.savez(out / 'stored.npz', **arrays)
numpy.savez_compressed(out / 'compressed.npz', **arrays)
values['stored.npz'] = values['compressed.npz'] = {key: plain(numpy.asarray(array)) for key, array in arrays.items()}
numpy.savez(out / 'objects.npz', a=numpy.array([{}, 'x'], dtype=object))
numpy.save(out / 'complex.npy', numpy.array([1 + 2j]))
numpy.save(out / 'record.npy', numpy.zeros(2, dtype=[('x', '<f4'), ('y', '<i4')]))
for version in ((1, 0), (2, 0), (3, 0)):
    name = f'version{version[0]}.npy'
    with open(out / name, 'wb') as file:
        numpy.lib.format.write_array(file, arrays['fortran'], version=version)
    values[name] = plain(arrays['fortran'])

(out / 'values.json').write_text(json.dumps(values, indent=1) + '\n')
