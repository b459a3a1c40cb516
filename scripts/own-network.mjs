/**
 * A network of its own that has only `lo`: a browser that sees other interfaces too may move its media to a path that a media
 * relay on 127.0.0.1 does not follow, and two labs can never meet. Goes before the command.
 */
export const ownNetwork = [
  'unshare',
  ...(process.getuid?.() === 0 ? ['-n'] : ['-rn']),
  'sh',
  '-c',
  'ip link set lo up && exec "$@"',
  'sh',
]
