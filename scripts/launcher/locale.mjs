/**
 * The environment in which Chromium and Electron can name a file in Chinese. In a C locale they take no such file from a chooser,
 * and say nothing.
 */
export function withChineseNames(env) {
  const { LC_ALL, ...rest } = env
  const charset = LC_ALL || env.LC_CTYPE || env.LANG || ''
  if (process.platform !== 'linux' || /utf-?8/i.test(charset)) return env
  return { ...rest, LC_CTYPE: 'C.UTF-8' }
}
