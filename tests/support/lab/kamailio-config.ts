/** A registrar and proxy as a city has it: SIP over UDP for callers, over WebSocket for seats, media by rtpengine. */
import { join } from 'node:path'
import { root } from '../seat-process.ts'

/** Where missed calls are posted, by the adapter that is delivered with the product. */
export type MissedCallsTo = { url: string; key: string; log: string }

const adapter = join(root, 'resources', 'kamailio', 'zuoxi-callbacks.cfg')
const callbacks = ({ url, key, log }: MissedCallsTo) => `#!define WITH_CALLBACKS
#!substdef "!ZUOXI_CENTRE_URL!${url}!g"
#!substdef "!ZUOXI_CENTRE_KEY!${key}!g"
#!substdef "!ZUOXI_LOG_FILE!${log}!g"
include_file "${adapter}"
`

export const kamailioConfig = (
  ports: { sip: number; ws: number; rtpengine: number },
  secret: string,
  missedCallsTo: MissedCallsTo | null = null,
): string => `#!KAMAILIO
debug=1
log_stderror=yes
children=2
tcp_children=2
auto_aliases=no
listen=udp:127.0.0.1:${ports.sip}
listen=tcp:127.0.0.1:${ports.ws}
tcp_accept_no_cl=yes
tcp_connection_lifetime=3600
tcp_rd_buf_size=65536
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/kamailio/modules/"

loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "nathelper.so"
loadmodule "auth.so"
loadmodule "xhttp.so"
loadmodule "websocket.so"
loadmodule "rtpengine.so"
${missedCallsTo === null ? '' : callbacks(missedCallsTo)}
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "handle_lost_tcp", 1)
modparam("registrar", "max_contacts", 10)
modparam("nathelper", "received_avp", "$avp(received)")
modparam("registrar", "received_avp", "$avp(received)")
modparam("tm", "fr_timer", 5000)
modparam("tm", "fr_inv_timer", 60000)
modparam("rtpengine", "rtpengine_sock", "udp:127.0.0.1:${ports.rtpengine}")

request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  force_rport();
  if ($proto == "ws" && !is_method("REGISTER")) add_contact_alias();
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { handle_ruri_alias(); if (is_direction("upstream")) setflag(2); route(RELAY); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not Found");
    exit;
  }
  t_check_trans();
  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("$td", "${secret}", "0") || $au != $tU) { www_challenge("$td", "0"); exit; }
    if ($proto == "ws") fix_nated_register();
    save("location");
    exit;
  }
  if (!is_method("INVITE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
#!ifdef WITH_CALLBACKS
  if ($proto == "ws") route(ZUOXI_CALLBACK_TOKEN);
  else route(ZUOXI_HOTLINE_CALL);
#!endif
  record_route();
  # In the place of a dialog: to the very contact that has it.
  if (is_present_hf("Replaces") && uri != myself) { handle_ruri_alias(); route(RELAY); exit; }
  if (!lookup("location")) {
#!ifdef WITH_CALLBACKS
    if ($proto != "ws") route(ZUOXI_MISSED);
#!endif
    sl_send_reply("404", "Not Found");
    exit;
  }
  route(RELAY);
}

route[RELAY] {
  if (is_method("INVITE")) {
    if ($proto == "ws") setflag(1);
    t_on_branch("MEDIA");
    t_on_reply("MEDIA");
  }
  if (is_method("BYE")) rtpengine_delete();
  t_relay();
}

branch_route[MEDIA] {
  if (!has_body("application/sdp")) return;
  if ($du =~ "transport=ws" && $proto != "ws")
    rtpengine_offer("replace-origin replace-session-connection trust-address UDP/TLS/RTP/SAVPF ICE=force DTLS=passive SDES=off rtcp-mux-offer generate-mid");
  else if (!($du =~ "transport=ws") && $proto == "ws")
    rtpengine_offer("replace-origin replace-session-connection trust-address RTP/AVP ICE=remove DTLS=off SDES=off rtcp-mux-demux");
}

onreply_route[MEDIA] {
  if ($proto == "ws") add_contact_alias();
  if (!has_body("application/sdp")) return;
  if ($proto == "ws" && !isflagset(1))
    rtpengine_answer("replace-origin replace-session-connection trust-address RTP/AVP ICE=remove DTLS=off SDES=off rtcp-mux-demux");
  else if ($proto != "ws" && isflagset(1)) {
    # Chromium 156 as the DTLS client of its own offer never finishes with rtpengine 10.5, so it is the server of
    # the calls that it makes; where it was called (flag 2: a re-INVITE upstream) it is the client and stays so.
    if (isflagset(2))
      rtpengine_answer("replace-origin replace-session-connection trust-address UDP/TLS/RTP/SAVPF ICE=force DTLS=passive SDES=off rtcp-mux-offer generate-mid");
    else
      rtpengine_answer("replace-origin replace-session-connection trust-address UDP/TLS/RTP/SAVPF ICE=force DTLS=active SDES=off rtcp-mux-offer generate-mid");
  }
}

event_route[xhttp:request] {
  if ($hdr(Upgrade) =~ "websocket" && $hdr(Connection) =~ "Upgrade") {
    if (ws_handle_handshake()) exit;
  }
  xhttp_reply("404", "Not Found", "", "");
}
`
