/** A built seat makes the same keys as the centre, which reads the whole of the library's metadata. */
import { getCountries, parsePhoneNumberFromString } from 'libphonenumber-js/core'
import examples from 'libphonenumber-js/examples.mobile.json'
import detailed from 'libphonenumber-js/max/metadata'
import general from 'libphonenumber-js/min/metadata'
import { expect, it } from 'vitest'
import { neededMetadata } from '../../scripts/phone-metadata.ts'

const read = (digits: string, min: typeof general, max: Pick<typeof detailed, 'countries'>) => {
  const metadata = { ...min, countries: { ...min.countries, CN: max.countries.CN ?? [] } }
  const found = parsePhoneNumberFromString(digits, { defaultCountry: 'CN' }, metadata)
  return [found?.number, found?.nationalNumber, found?.carrierCode, found?.isValid(), found?.getType()]
}

it('what is left of the metadata reads every country’s numbers as all of it does', () => {
  const [min, max] = [neededMetadata(general, 'min'), neededMetadata(detailed, 'max')]
  expect(JSON.stringify([min, max]).length).toBeLessThan(60_000)
  for (const country of getCountries(general)) {
    const [code] = general.countries[country] ?? []
    const number = examples[country]
    for (const digits of [`+${code}${number}`, `+${code}0${number}`, `+${code}${number}1`, number])
      expect(read(digits, min, max), `${country} ${digits}`).toEqual(read(digits, general, detailed))
  }
  for (const digits of ['1795119900000001', '09995550123', '085282345678', '4001234567', '051296123'])
    expect(read(digits, min, max), digits).toEqual(read(digits, general, detailed))
})
