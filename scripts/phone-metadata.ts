// Of libphonenumber's metadata the seat needs China in detail and every country's pattern, and no country's way of writing: three
// quarters of it are left out of what is built. shared/domain/phone/number-plan.ts reads nothing else.
import type { MetadataJson } from 'libphonenumber-js/core'
import type { Plugin } from 'vite'

const formats = 4
type Countries = Record<string, unknown[]>

/** The metadata that number-plan.ts reads of the library's `max` or `min`. */
export function neededMetadata(whole: MetadataJson, which: 'min' | 'max'): MetadataJson {
  const withoutFormats = (countries: Countries): Countries =>
    Object.fromEntries(
      Object.entries(countries).map(([name, country]) => [
        name,
        country.map((part, at) => (at === formats ? 0 : part)),
      ]),
    )
  if (which === 'max')
    return {
      ...whole,
      country_calling_codes: {},
      countries: withoutFormats({ CN: whole.countries.CN ?? [] }),
      nonGeographic: {},
    }
  return {
    ...whole,
    countries: withoutFormats(whole.countries),
    nonGeographic: withoutFormats(whole.nonGeographic),
  }
}

export const phoneMetadata: Plugin = {
  name: 'phone-metadata',
  transform: (code, id) => {
    const [, which] = /[\\/]libphonenumber-js[\\/]metadata\.(max|min)\.json\.js$/.exec(id) ?? []
    if (which !== 'max' && which !== 'min') return null
    const whole = JSON.parse(code.slice(code.indexOf('{'))) as MetadataJson
    return { code: `export default ${JSON.stringify(neededMetadata(whole, which))}`, map: null }
  },
}
