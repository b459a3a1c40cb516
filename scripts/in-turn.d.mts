export function inTurn(
  names: readonly string[],
  write: (text: string) => void,
): (name: string) => { print(text: string): void; end(): void }
