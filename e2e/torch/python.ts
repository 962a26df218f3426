/** How the tests start PyTorch. */

/** The interpreter that has PyTorch: Debian's `python3-torch` is one of the system's. */
export const PYTHON = process.env.GRADLOOM_PYTHON ?? '/usr/bin/python3';
/**
 * torchrun on any free port: `--standalone` of 1.13 takes one that another may have. Without values of the first two flags that
 * of 1.13 fails with Python 3.11.
 */
export const TORCHRUN = [
  ...['-m', 'torch.distributed.run', '--redirects=1', '--tee=1'],
  ...['--nnodes=1', '--rdzv_backend=c10d', '--rdzv_endpoint=localhost:0'],
];
