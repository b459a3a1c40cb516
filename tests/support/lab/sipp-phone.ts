/** A scenario of a SIPp that is called through the exchange. */

/** Rings, has an announcement (183 with a description and sound) for so long, answers, and waits to be hung up. */
export function announcement(tone: string, announceMs: number): string {
  const sdp = `v=0
o=unit 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000`
  const answer = (status: string, body: boolean) => `<send><![CDATA[SIP/2.0 ${status}
[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:];tag=[pid]u[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
${body ? `Content-Type: application/sdp\nContent-Length: [len]\n\n${sdp}` : 'Content-Length: 0\n'}
]]></send>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<scenario name="announcement">
<recv request="INVITE" rrs="true"/>
${answer('180 Ringing', false)}
${answer('183 Session Progress', true)}
<nop><action><exec rtp_stream="${tone},-1,0"/></action></nop>
<pause milliseconds="${announceMs}"/>
${answer('200 OK', true)}
<recv request="ACK"/>
<recv request="BYE"/>
<send><![CDATA[SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
`
}
