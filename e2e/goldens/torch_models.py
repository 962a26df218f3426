"""The ready models in plain PyTorch, with torchvision's names where it has the model."""

import torch
from torch import nn
from torch.nn import functional as F


def scaled(width):
    return lambda channels: max(1, int(channels * width / 64 + 0.5))


class AlexNet(nn.Module):
    def __init__(self, width=64, channels=3, num_classes=1000, small=False):
        super().__init__()
        w = scaled(width)
        stem = nn.Conv2d(channels, w(64), 3, padding=1) if small else nn.Conv2d(channels, w(64), 11, 4, 2)
        grid = 1 if small else 6
        self.features = nn.Sequential(
            *(stem, nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(w(64), w(192), 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(w(192), w(384), 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(w(384), w(256), 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(w(256), w(256), 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2)),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(grid)
        self.classifier = nn.Sequential(
            *(nn.Dropout(), nn.Linear(w(256) * grid**2, w(4096)), nn.ReLU()),
            *(nn.Dropout(), nn.Linear(w(4096), w(4096)), nn.ReLU()),
            nn.Linear(w(4096), num_classes),
        )

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


class VGG(nn.Module):
    COUNTS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}

    def __init__(self, depth=11, batch_norm=False, width=64, channels=3, num_classes=1000, small=False):
        super().__init__()
        w = scaled(width)
        layers, before = [], channels
        for count, after in zip(self.COUNTS[depth], (64, 128, 256, 512, 512)):
            for _ in range(count):
                layers += [nn.Conv2d(before, w(after), 3, padding=1)]
                layers += [nn.BatchNorm2d(w(after))] if batch_norm else []
                layers += [nn.ReLU()]
                before = w(after)
            layers += [nn.MaxPool2d(2)]
        grid = 1 if small else 7
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(grid)
        self.classifier = nn.Sequential(
            *(nn.Linear(before * grid**2, w(4096)), nn.ReLU(), nn.Dropout()),
            *(nn.Linear(w(4096), w(4096)), nn.ReLU(), nn.Dropout()),
            nn.Linear(w(4096), num_classes),
        )

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


class BasicConv2d(nn.Module):
    def __init__(self, before, after, kernel, **options):
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel, bias=False, **options)
        self.bn = nn.BatchNorm2d(after, eps=0.001)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    def __init__(self, before, c1, red3, c3, red5, c5, pool):
        super().__init__()
        self.branch1 = BasicConv2d(before, c1, 1)
        self.branch2 = nn.Sequential(BasicConv2d(before, red3, 1), BasicConv2d(red3, c3, 3, padding=1))
        self.branch3 = nn.Sequential(BasicConv2d(before, red5, 1), BasicConv2d(red5, c5, 3, padding=1))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), BasicConv2d(before, pool, 1))
        self.channels = c1 + c3 + c5 + pool

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class InceptionAux(nn.Module):
    def __init__(self, before, channels, hidden, num_classes):
        super().__init__()
        self.conv = BasicConv2d(before, channels, 1)
        self.fc1 = nn.Linear(16 * channels, hidden)
        self.fc2 = nn.Linear(hidden, num_classes)

    def forward(self, x):
        x = self.conv(F.adaptive_avg_pool2d(x, 4)).flatten(1)
        return self.fc2(F.relu(self.fc1(x)))


class GoogLeNet(nn.Module):
    """Without dropout. In training the result is the logits, then those of both heads, side by side."""

    def __init__(self, width=64, channels=3, num_classes=1000, small=False):
        super().__init__()
        w = scaled(width)
        pool = lambda kernel: nn.MaxPool2d(kernel, 2, ceil_mode=True)
        if small:
            self.conv1, self.maxpool1 = BasicConv2d(channels, w(64), 3, padding=1), nn.Identity()
        else:
            self.conv1, self.maxpool1 = BasicConv2d(channels, w(64), 7, stride=2, padding=3), pool(3)
        self.conv2 = BasicConv2d(w(64), w(64), 1)
        self.conv3 = BasicConv2d(w(64), w(192), 3, padding=1)
        self.maxpool2, self.maxpool3, self.maxpool4 = pool(3), pool(3), pool(2)
        blocks = {
            "3a": (64, 96, 128, 16, 32, 32),
            "3b": (128, 128, 192, 32, 96, 64),
            "4a": (192, 96, 208, 16, 48, 64),
            "4b": (160, 112, 224, 24, 64, 64),
            "4c": (128, 128, 256, 24, 64, 64),
            "4d": (112, 144, 288, 32, 64, 64),
            "4e": (256, 160, 320, 32, 128, 128),
            "5a": (256, 160, 320, 32, 128, 128),
            "5b": (384, 192, 384, 48, 128, 128),
        }
        before = w(192)
        for name, sizes in blocks.items():
            block = Inception(before, *(w(size) for size in sizes))
            setattr(self, f"inception{name}", block)
            before = block.channels
            if name in ("4a", "4d"):
                head = InceptionAux(before, w(128), w(1024), num_classes)
                setattr(self, "aux1" if name == "4a" else "aux2", head)
        self.fc = nn.Linear(before, num_classes)

    def forward(self, x):
        x = self.maxpool2(self.conv3(self.conv2(self.maxpool1(self.conv1(x)))))
        x = self.maxpool3(self.inception3b(self.inception3a(x)))
        h4a = self.inception4a(x)
        h4d = self.inception4d(self.inception4c(self.inception4b(h4a)))
        x = self.inception5b(self.inception5a(self.maxpool4(self.inception4e(h4d))))
        y = self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))
        return torch.cat([y, self.aux1(h4a), self.aux2(h4d)], 1) if self.training else y


def conv(before, after, kernel, stride=1, groups=1):
    return nn.Conv2d(before, after, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False)


class Block(nn.Module):
    def __init__(self, before, channels, stride, bottleneck):
        super().__init__()
        after = channels * (4 if bottleneck else 1)
        kernels = [1, 3, 1] if bottleneck else [3, 3]
        widths = [before] + [channels] * (len(kernels) - 1) + [after]
        strided = 1 if bottleneck else 0
        self.count = len(kernels)
        for i, kernel in enumerate(kernels):
            layer = conv(widths[i], widths[i + 1], kernel, stride if i == strided else 1)
            setattr(self, f"conv{i + 1}", layer)
            setattr(self, f"bn{i + 1}", nn.BatchNorm2d(widths[i + 1]))
        self.downsample = None
        if stride != 1 or before != after:
            self.downsample = nn.Sequential(conv(before, after, 1, stride), nn.BatchNorm2d(after))

    def forward(self, x):
        y = x
        for i in range(1, self.count + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            y = F.relu(y) if i < self.count else y
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    LAYERS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}

    def __init__(self, depth=18, width=64, channels=3, num_classes=1000, small=False):
        super().__init__()
        self.small, bottleneck, before = small, depth >= 50, width
        self.conv1 = conv(channels, width, 3) if small else conv(channels, width, 7, 2)
        self.bn1 = nn.BatchNorm2d(width)
        for stage, count in enumerate(self.LAYERS[depth]):
            blocks = []
            for i in range(count):
                stride = 2 if i == 0 and stage > 0 else 1
                blocks.append(Block(before, width * 2**stage, stride, bottleneck))
                before = width * 2**stage * (4 if bottleneck else 1)
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(before, num_classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = x if self.small else F.max_pool2d(x, 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


def conv_norm(before, after, kernel, stride=1, groups=1):
    return nn.Sequential(conv(before, after, kernel, stride, groups), nn.BatchNorm2d(after), nn.ReLU6())


class InvertedResidual(nn.Module):
    def __init__(self, before, after, stride, ratio):
        super().__init__()
        hidden = before * ratio
        layers = [conv_norm(before, hidden, 1)] if ratio != 1 else []
        layers += [conv_norm(hidden, hidden, 3, stride, hidden), conv(hidden, after, 1), nn.BatchNorm2d(after)]
        self.conv = nn.Sequential(*layers)
        self.residual = stride == 1 and before == after

    def forward(self, x):
        return x + self.conv(x) if self.residual else self.conv(x)


def divisible(width):
    rounded = max(8, int(width + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * width else rounded


class MobileNetV2(nn.Module):
    def __init__(self, width_mult=1.0, channels=3, num_classes=1000, small=False):
        super().__init__()
        before = divisible(32 * width_mult)
        layers = [conv_norm(channels, before, 3, 1 if small else 2)]
        table = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
        for stage, (ratio, width, count, first) in enumerate(table):
            for i in range(count):
                stride = first if i == 0 and not (small and stage == 1) else 1
                layers.append(InvertedResidual(before, divisible(width * width_mult), stride, ratio))
                before = divisible(width * width_mult)
        last = divisible(1280 * max(1.0, width_mult))
        self.features = nn.Sequential(*layers, conv_norm(before, last, 1))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(last, num_classes))

    def forward(self, x):
        return self.classifier(F.adaptive_avg_pool2d(self.features(x), 1).flatten(1))


class MobileNetV1(nn.Module):
    def __init__(self, width_mult=1.0, channels=3, num_classes=1000, small=False):
        super().__init__()
        w = lambda width: int(width * width_mult)
        table = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)) + ((512, 1),) * 5 + ((1024, 2), (1024, 1))
        before = w(32)
        norm = lambda after: (nn.BatchNorm2d(after), nn.ReLU())
        layers = [nn.Sequential(conv(channels, before, 3, 1 if small else 2), *norm(before))]
        for i, (width, stride) in enumerate(table):
            stride = 1 if small and i == 1 else stride
            depthwise = (conv(before, before, 3, stride, before), *norm(before))
            layers.append(nn.Sequential(*depthwise, conv(before, w(width), 1), *norm(w(width))))
            before = w(width)
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(before, num_classes)

    def forward(self, x):
        return self.classifier(F.adaptive_avg_pool2d(self.features(x), 1).flatten(1))


class Autoencoder(nn.Module):
    def __init__(self, widths=(16, 32), channels=1):
        super().__init__()
        half = {"kernel_size": 3, "stride": 2, "padding": 1}
        a, b = widths
        self.encoder = nn.Sequential(nn.Conv2d(channels, a, **half), nn.ReLU(), nn.Conv2d(a, b, **half), nn.ReLU())
        self.decoder = nn.Sequential(
            *(nn.ConvTranspose2d(b, a, output_padding=1, **half), nn.ReLU()),
            *(nn.ConvTranspose2d(a, channels, output_padding=1, **half), nn.Sigmoid()),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


class ConvAttentionLstm(nn.Module):
    def __init__(self, channels=1, width=16, nhead=2, hidden=32, num_classes=10):
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(channels, width, 3, 2, 1), nn.BatchNorm2d(width), nn.ReLU()),
            *(nn.Conv2d(width, width, 3, 2, 1), nn.ReLU(), nn.MaxPool2d(2)),
        )
        self.attention = nn.Module()
        attention = nn.MultiheadAttention(width, nhead, batch_first=True)
        self.attention.branches = nn.ModuleList([nn.Identity(), attention])
        self.lstm = nn.LSTM(2 * width, hidden, batch_first=True)
        self.classifier = nn.Linear(hidden, num_classes)

    def forward(self, x):
        x = self.features(x).flatten(2).transpose(1, 2)
        x = torch.cat([x, self.attention.branches[1](x, x, x)[0]], 2)
        return self.classifier(self.lstm(x)[1][0][-1])


class BilstmClassifier(nn.Module):
    def __init__(self, vocab, embedding, hidden, dense, num_classes):
        super().__init__()
        self.embedding = nn.Embedding(vocab, embedding, padding_idx=0)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True, bidirectional=True)
        self.dense = nn.Linear(2 * hidden, dense)
        self.classifier = nn.Linear(dense, num_classes)

    def forward(self, x):
        state = self.lstm(self.embedding(x.long()))[1][0]
        return self.classifier(F.relu(self.dense(torch.cat([state[0], state[1]], 1))))


class EncoderClassifier(nn.Module):
    def __init__(self, vocab, length, d_model, nhead, layers, feedforward, num_classes):
        super().__init__()
        self.embedding = nn.Embedding(vocab, d_model)
        self.positions = nn.Embedding(length, d_model)
        layer = nn.TransformerEncoderLayer(d_model, nhead, feedforward, 0.1, "gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, nn.LayerNorm(d_model))
        self.classifier = nn.Linear(d_model, num_classes)

    def forward(self, x):
        x = x.long()
        return self.classifier(self.encoder(self.embedding(x) + self.positions.weight[: x.shape[1]]).mean(1))
