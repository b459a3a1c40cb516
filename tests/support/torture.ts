/**
 * SIP torture messages after RFC 4475, each under the RFC's own name, with numbers and hosts that nobody has. `valid` ones are
 * odd but right; the others must be refused, or dropped, without harm.
 */
export type Torture = { name: string; valid: boolean; text: string }

const audio = [
  'v=0',
  'o=mhandley 29739 7272939 IN IP4 192.0.2.3',
  's=-',
  'c=IN IP4 192.0.2.4',
  't=0 0',
  'm=audio 49217 RTP/AVP 0 12',
  'a=rtpmap:31 LPC',
]

const message = (start: string, headers: string[], body: string[] = []): string => {
  const content = body.length === 0 ? '' : `${body.join('\r\n')}\r\n`
  const length = headers.some(line => /^(content-length|l)\s*:/i.test(line))
    ? []
    : [`Content-Length: ${Buffer.byteLength(content)}`]
  return `${[start, ...headers, ...length, ''].join('\r\n')}\r\n${content}`
}

/** The headers of an ordinary request, any of them replaced by name or left out (null). */
function usual(
  name: string,
  method: string,
  changes: Record<string, string | string[] | null> = {},
): string[] {
  const headers: Record<string, string | string[] | null> = {
    Via: `SIP/2.0/WS client.example.invalid;branch=z9hG4bK.${name}`,
    'Max-Forwards': '70',
    From: `<sip:19900000140@example.invalid>;tag=${name}`,
    To: '<sip:8001@127.0.0.1>',
    'Call-ID': `${name}.torture`,
    CSeq: `1 ${method}`,
    Contact: '<sip:caller@client.example.invalid;transport=ws>',
    ...changes,
  }
  return Object.entries(headers).flatMap(([key, value]) =>
    value === null ? [] : [value].flat().map(one => `${key}: ${one}`),
  )
}

const sdp = { 'Content-Type': 'application/sdp' }
const seat = 'sip:8001@127.0.0.1'

const valid: Record<string, string> = {
  wsinv: message(
    `INVITE ${seat} SIP/2.0`,
    [
      'TO :',
      ' <sip:8001@127.0.0.1>   ;   ',
      'from   : "J Rosenberg \\\\\\""       <sip:19900000140@example.invalid>',
      '  ;',
      '  tag = 98asjd8',
      'MaX-fOrWaRdS: 0068',
      'Call-ID: wsinv.torture',
      'Content-Length   : 150',
      'cseq: 0009',
      '  INVITE',
      'Via  : SIP  /   2.0',
      ' /WS',
      '    192.0.2.2;branch=390skdjuw',
      's :',
      'NewFangledHeader:   newfangled value',
      ' continued newfangled value',
      'UnknownHeaderWithUnusualValue: ;;,,;;,;',
      'Content-Type: application/sdp',
      'Route:',
      ' <sip:services.example.invalid;lr;unknownwith=value;unknown-no-value>',
      'v:  SIP  / 2.0  / TCP     spindle.example.invalid   ;',
      '  branch  =   z9hG4bK9ikj8  ,',
      ' SIP  /    2.0   / UDP  192.168.255.111   ; branch=',
      ' z9hG4bK30239',
      'm:"Quoted string \\"\\"" <sip:jdrosen@example.invalid> ; newparam =',
      '      newvalue ;',
      '  secondparam ; q = 0.33',
    ],
    audio,
  ),
  intmeth: message(
    `!interesting-Method0123456789_*+\`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.invalid SIP/2.0`,
    usual('intmeth', "!interesting-Method0123456789_*+`.%indeed'~", {
      From: `token1~\` token2'+_ token3*%!.- <sip:mundane@example.invalid>;fromParam''~+*_!.-%="работающий";tag=_token~1'+\`*%!-.`,
      To: `"BEL:\u0007 NUL:\u0001 DEL:\u007f" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.invalid>`,
    }),
  ),
  esc01: message(
    'INVITE sip:sips%3Auser%40example.com@127.0.0.1 SIP/2.0',
    usual('esc01', 'INVITE', {
      To: '<sip:%75se%72@127.0.0.1>',
      From: '<sip:I%20have%20spaces@example.invalid>;tag=938',
      Contact: '<sip:cal%6Cer@client.example.invalid;%6C%72;n%61me=v%61lue%25%34%31>',
      ...sdp,
    }),
    audio,
  ),
  escnull: message(
    'OPTIONS sip:null-%00-null@127.0.0.1 SIP/2.0',
    usual('escnull', 'OPTIONS', {
      To: '<sip:null-%00-null@127.0.0.1>',
      Contact: ['<sip:%00@host5.example.invalid>', '<sip:%00%00@host5.example.invalid>'],
    }),
  ),
  esc02: message(
    'RE%47IST%45R sip:registrar.example.invalid SIP/2.0',
    usual('esc02', 'RE%47IST%45R', { To: '"%Z%45" <sip:resource@127.0.0.1>' }),
  ),
  lwsdisp: message(
    `OPTIONS ${seat} SIP/2.0`,
    usual('lwsdisp', 'OPTIONS', { From: 'caller<sip:19900000140@example.invalid>;tag=323' }),
  ),
  longreq: message(
    `INVITE ${seat} SIP/2.0`,
    usual('longreq', 'INVITE', {
      To: `"I have a user name of ${'extreme'.repeat(40)}" <sip:8001@127.0.0.1:6000;unknownparam1=very${'long'.repeat(40)}value>`,
      Via: [
        'SIP/2.0/WS client.example.invalid;branch=z9hG4bK.longreq',
        ...Array.from(
          { length: 30 },
          (_, index) =>
            `SIP/2.0/TCP sip${index}.example.invalid;branch=very${'long'.repeat(30)}branchvalue${index}`,
        ),
      ],
      [`Unknown-${'Long'.repeat(30)}-Name`]: `unknown-${'long'.repeat(200)}-value; unknown-param = x`,
      ...sdp,
    }),
    audio,
  ),
  dblreq: `${message(`REGISTER sip:example.invalid SIP/2.0`, usual('dblreq', 'REGISTER'))}${message(
    `INVITE ${seat} SIP/2.0`,
    usual('dblreq2', 'INVITE', sdp),
    audio,
  )}`,
  semiuri: message(
    'OPTIONS sip:user;par=u%40example.net@127.0.0.1 SIP/2.0',
    usual('semiuri', 'OPTIONS', { To: 'sip:j_user@127.0.0.1', Accept: 'application/sdp, text/*' }),
  ),
  transports: message(
    `OPTIONS ${seat} SIP/2.0`,
    usual('transports', 'OPTIONS', {
      Via: [
        'SIP/2.0/UDP t1.example.invalid;branch=z9hG4bKkdjuw',
        'SIP/2.0/SCTP t2.example.invalid;branch=z9hG4bKklasjdhf',
        'SIP/2.0/UNKNOWN t4.example.invalid;branch=z9hG4bKasd0f3en',
      ],
    }),
  ),
  mpart01: message(
    `MESSAGE ${seat} SIP/2.0`,
    usual('mpart01', 'MESSAGE', { 'Content-Type': 'multipart/mixed;boundary=7a9cbec02ceef655' }),
    [
      '--7a9cbec02ceef655',
      'Content-Type: text/plain',
      '',
      'Hello',
      '\u0000\u0001\u0082\u00ff',
      '--7a9cbec02ceef655--',
    ],
  ),
  unreason: message(
    'SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое',
    usual('unreason', 'INVITE'),
  ),
  noreason: message('SIP/2.0 100 ', usual('noreason', 'INVITE')),
  inv2543: message(
    `INVITE ${seat} SIP/2.0`,
    usual('inv2543', 'INVITE', {
      Via: 'SIP/2.0/WS iftgw.example.invalid',
      From: '<sip:+13035551111@ift.client.invalid;user=phone>',
      'Max-Forwards': null,
      Contact: null,
      ...sdp,
    }),
    audio,
  ),
}

const invalid: Record<string, string> = {
  badinv01: message(
    `INVITE ${seat} SIP/2.0`,
    usual('badinv01', 'INVITE', {
      From: '"Caller" <sip:caller@example.invalid>;;,;,;;,;tag=33',
      Contact: '"Joe" <sip:joe@example.invalid>;;,;,,;;,;',
      Via: 'SIP/2.0/WS 192.0.2.15;;,;,,;;,;branch=z9hG4bK.badinv01',
    }),
  ),
  clerr: message(
    `INVITE ${seat} SIP/2.0`,
    usual('clerr', 'INVITE', { 'Content-Length': '9999', ...sdp }),
    audio,
  ),
  ncl: message(`INVITE ${seat} SIP/2.0`, usual('ncl', 'INVITE', { 'Content-Length': '-999', ...sdp }), audio),
  scalar02: message(
    `REGISTER ${seat} SIP/2.0`,
    usual('scalar02', 'REGISTER', {
      CSeq: '36893488147419103232 REGISTER',
      'Max-Forwards': '300',
      Expires: '10000000000000000000000000000000000000000',
      Contact: '<sip:user@host129.example.invalid>;expires=280297596632815',
    }),
  ),
  scalarlg: message(
    'SIP/2.0 503 Service Unavailable',
    usual('scalarlg', 'INVITE', {
      CSeq: '9292394834772304023312 OPTIONS',
      'Retry-After': '949302838503028349304023988',
      Warning: '1812 overture "In Progress"',
    }),
  ),
  quotbal: message(
    `INVITE ${seat} SIP/2.0`,
    usual('quotbal', 'INVITE', { To: '"Mr. J. User <sip:j.user@127.0.0.1>', ...sdp }),
    audio,
  ),
  ltgtruri: message(`INVITE <${seat}> SIP/2.0`, usual('ltgtruri', 'INVITE', sdp), audio),
  lwsruri: message(`INVITE ${seat}; lr SIP/2.0`, usual('lwsruri', 'INVITE', sdp), audio),
  lwsstart: message(`INVITE  ${seat}  SIP/2.0`, usual('lwsstart', 'INVITE', sdp), audio),
  trws: message(`OPTIONS ${seat} SIP/2.0  `, usual('trws', 'OPTIONS')),
  escruri: message(
    `INVITE ${seat}?Route=%3Csip:example.com%3E SIP/2.0`,
    usual('escruri', 'INVITE', sdp),
    audio,
  ),
  baddate: message(
    `INVITE ${seat} SIP/2.0`,
    usual('baddate', 'INVITE', { Date: 'Fri, 01 Jan 2010 16:00:00 EST', ...sdp }),
    audio,
  ),
  regbadct: message(
    `REGISTER ${seat} SIP/2.0`,
    usual('regbadct', 'REGISTER', { Contact: 'sip:user@example.com?Route=%3Csip:sip.example.com%3E' }),
  ),
  badaspec: message(
    `OPTIONS ${seat} SIP/2.0`,
    usual('badaspec', 'OPTIONS', { To: '"Watson, Thomas" < sip:t.watson@127.0.0.1 >' }),
  ),
  baddn: message(
    `OPTIONS ${seat} SIP/2.0`,
    usual('baddn', 'OPTIONS', { From: 'Bell, Alexander <sip:a.g.bell@example.invalid>;tag=43' }),
  ),
  badvers: message(`OPTIONS ${seat} SIP/7.0`, usual('badvers', 'OPTIONS')),
  mismatch01: message(`OPTIONS ${seat} SIP/2.0`, usual('mismatch01', 'INVITE')),
  mismatch02: message(`NEWMETHOD ${seat} SIP/2.0`, usual('mismatch02', 'INVITE', sdp), audio),
  bigcode: message('SIP/2.0 4294967301 better not break the receiver', usual('bigcode', 'INVITE')),
  badbranch: message(
    `OPTIONS ${seat} SIP/2.0`,
    usual('badbranch', 'OPTIONS', { Via: 'SIP/2.0/WS 192.0.2.1;branch=z9hG4bK' }),
  ),
  insuf: message(
    `INVITE ${seat} SIP/2.0`,
    usual('insuf', 'INVITE', { From: null, To: null, 'Call-ID': null, ...sdp }),
    audio,
  ),
  unkscm: message('OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0', usual('unkscm', 'OPTIONS')),
  novelsc: message('OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0', usual('novelsc', 'OPTIONS')),
  unksm2: message(
    `REGISTER ${seat} SIP/2.0`,
    usual('unksm2', 'REGISTER', {
      To: 'isbn:2983792873',
      From: '<http://www.example.invalid>;tag=3234233',
      Contact: '<name:John_Smith>',
    }),
  ),
  bext01: message(
    `OPTIONS ${seat} SIP/2.0`,
    usual('bext01', 'OPTIONS', { Require: 'nothingSupportsThis, nothingSupportsThisEither' }),
  ),
  invut: message(
    `INVITE ${seat} SIP/2.0`,
    usual('invut', 'INVITE', { 'Content-Type': 'application/unknownformat' }),
    ['<audio>', ' <pcmu port="443"/>', '</audio>'],
  ),
  multi01: message(
    `INVITE ${seat} SIP/2.0`,
    [
      ...usual('multi01', 'INVITE', sdp),
      'CSeq: 59 INVITE',
      'Call-ID: multi01.another',
      'From: <sip:other@example.invalid>;tag=2',
      'To: <sip:elsewhere@example.invalid>',
      'Max-Forwards: 5',
    ],
    audio,
  ),
  mcl01: message(`OPTIONS ${seat} SIP/2.0`, usual('mcl01', 'OPTIONS', { 'Content-Length': ['13', '5'] }), [
    'There is no way to know',
  ]),
  bcast: message(
    'SIP/2.0 200 OK',
    usual('bcast', 'INVITE', { Via: 'SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23' }),
  ),
  zeromf: message(`OPTIONS ${seat} SIP/2.0`, usual('zeromf', 'OPTIONS', { 'Max-Forwards': '0' })),
  sdp01: message(
    `INVITE ${seat} SIP/2.0`,
    usual('sdp01', 'INVITE', { Accept: 'text/nobodyKnowsThis', ...sdp }),
    audio,
  ),
}

const listed = (messages: Record<string, string>, isValid: boolean): Torture[] =>
  Object.entries(messages).map(([name, text]) => ({ name, valid: isValid, text }))

export const tortureMessages: readonly Torture[] = [...listed(valid, true), ...listed(invalid, false)]
