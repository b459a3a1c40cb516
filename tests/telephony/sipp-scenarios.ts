/** Scenarios for SIPp: a caller who rings for a moment and gives up, with whatever headers a test wants to try. */

const offer = (audio: boolean) => `v=0
o=caller 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
${audio ? 'm=audio 40000 RTP/AVP 8 0\na=rtpmap:8 PCMA/8000' : 'm=video 40000 RTP/AVP 96\na=rtpmap:96 VP8/90000'}`

const common = `Call-ID: [call_id]
Max-Forwards: 70
Contact: <sip:caller@[local_ip]:[local_port]>`

/** With audio: 180, then CANCEL. Without: a final refusal, which is acknowledged. */
export function invite(options: { from: string; headers?: string[]; audio?: boolean }): string {
  const audio = options.audio ?? true
  const from = `From: ${options.from};tag=[pid]x[call_number]`
  const extra = (options.headers ?? []).map(line => `${line}\n`).join('')
  const target = 'sip:[service]@127.0.0.1:[remote_port]'
  const request = `INVITE ${target} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
${from}
To: <${target}>
CSeq: 1 INVITE
${common}
${extra}Content-Type: application/sdp
Content-Length: [len]

${offer(audio)}
`
  // CANCEL and the ACK of a refusal carry the INVITE's own branch: so many steps of the scenario back.
  const ack = `ACK ${target} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-${audio ? 7 : 4}]
${from}
To: <${target}>[peer_tag_param]
CSeq: 1 ACK
${common}
Content-Length: 0

`
  const cancel = `CANCEL ${target} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-4]
${from}
To: <${target}>
CSeq: 1 CANCEL
${common}
Content-Length: 0

`
  const given = audio
    ? `<recv response="100" optional="true"/><recv response="180"/>
<pause milliseconds="300"/>
<send><![CDATA[${cancel}]]></send>
<recv response="200"/>
<recv response="487"/>`
    : '<recv response="100" optional="true"/><recv response="180" optional="true"/><recv response="488"/>'
  return `<?xml version="1.0" encoding="UTF-8"?>
<scenario name="caller">
<send retrans="500"><![CDATA[${request}]]></send>
${given}
<send><![CDATA[${ack}]]></send>
</scenario>
`
}

/**
 * Callers who come all at once: those who hear it ring wait for a while and give up, the others are told 486. An exchange of several
 * processes may send 487 before the CANCEL's own 200.
 */
export function crowd(from = '<sip:199000020[call_number]@127.0.0.1>', ringMs = 2_000): string {
  const target = 'sip:[service]@127.0.0.1:[remote_port]'
  const head = (method: string, tag = '') => `${method} ${target} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-[pid]-[call_number]
From: ${from};tag=[pid]x[call_number]
To: <${target}>${tag}
CSeq: 1 ${method}
${common}
`
  const empty = (method: string, tag = '') =>
    `<send><![CDATA[${head(method, tag)}Content-Length: 0

]]></send>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<scenario name="crowd">
<send retrans="500"><![CDATA[${head('INVITE')}Content-Type: application/sdp
Content-Length: [len]

${offer(true)}
]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true" next="1"/>
<recv response="486" next="2"/>
<label id="1"/>
<pause milliseconds="${ringMs}"/>
${empty('CANCEL')}
<recv response="487" optional="true" next="2"/>
<recv response="200"/>
<recv response="487" next="2"/>
<label id="2"/>
${empty('ACK', '[peer_tag_param]')}
</scenario>
`
}
