/**
 * What an installed seat takes from whoever starts it. Chromium, Node and this program have hundreds of switches and variables, and many
 * undo what protects a seat (a debugging port, a profile elsewhere, no certificates): only those on this list are taken.
 */

/** Whether pictures appear, and in which language, is all that they decide. */
const harmless = [
  /^--lang=[A-Za-z-]{2,10}$/,
  /^--force-device-scale-factor=\d(\.\d{1,3})?$/,
  /^--ozone-platform=(x11|wayland)$/,
  /^--ozone-platform-hint=(auto|x11|wayland)$/,
  /^--enable-wayland-ime(=(true|false))?$/,
  /^--wayland-text-input-version=[13]$/,
  /^--disable-gpu$/,
  /^--disable-gpu-compositing$/,
  // Which of the system's keyrings; never `basic`, which is none.
  /^--password-store=(gnome-libsecret|kwallet5|kwallet6)$/,
  // What Windows and macOS add when they start it.
  /^--notification-launch-id=/,
  /^-psn_\d+_\d+$/,
]

/** The first argument that an installed seat does not take, or null. `args` is without the program itself. */
export function refusedArgument(args: readonly string[], platform: NodeJS.Platform): string | null {
  const isSwitch = (argument: string) =>
    argument.startsWith('-') || (platform === 'win32' && argument.startsWith('/'))
  return args.find(argument => isSwitch(argument) && !harmless.some(known => known.test(argument))) ?? null
}

const undoing =
  /^(ZUOXI_|NODE_|ELECTRON_|CHROME_|CHROMIUM_|UV_|OPENSSL_|SSL_CERT_|SSLKEYLOGFILE$|LD_PRELOAD$|LD_AUDIT$|DYLD_)/i

/** The variables that an installed seat forgets before it reads any: neither it nor its core has them. */
export const undoingVariables = (env: NodeJS.ProcessEnv): string[] =>
  Object.keys(env).filter(name => undoing.test(name))

/**
 * Whether it was installed. A program that is called `electron` says of itself that it was not; but only the one that is started with a
 * folder of sources has loaded this from one.
 */
export const isInstalled = (isPackaged: boolean, defaultApp: boolean | undefined): boolean =>
  isPackaged || defaultApp !== true
