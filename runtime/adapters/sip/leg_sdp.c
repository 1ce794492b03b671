/* runtime/adapters/sip/leg_sdp.c - The session descriptions of a leg: what is offered, and what is agreed on.
 *
 * Each description that we send has the same session id, and a version that is one higher than the last (RFC 3264,
 * 8), so a peer can see that something has changed. Encryption is fixed by our offer: an answer that disagrees is
 * refused, because one side would send what the other cannot decrypt. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/leg.h"

/* Finds the session description in a message; a body without a Content-Type is taken for application/sdp. */
enum body_kind leg_described(const struct sip_msg *message, struct raw_text *found)
{
    static const char sdp_type[] = "application/sdp";
    const struct sip_hdr *type = sip_msg_hdr(message, SIP_HDR_CONTENT_TYPE);
    const struct sip_hdr *disposition = sip_msg_hdr(message, SIP_HDR_CONTENT_DISPOSITION);
    struct raw_text of_type = {sdp_type, strlen(sdp_type)}, of_disposition = {"", 0};
    struct raw_text body = {(const char *)mbuf_buf(message->mb), mbuf_get_left(message->mb)};
    if (type) of_type = (struct raw_text){type->val.p, type->val.l};
    if (disposition) of_disposition = (struct raw_text){disposition->val.p, disposition->val.l};
    return body_find_session(of_type, of_disposition, body, found);
}

bool leg_describes(const struct sip_msg *message)
{
    struct raw_text found;
    return leg_described(message, &found) == BODY_DESCRIPTION;
}

bool leg_could_accept(const struct sip_msg *invite)
{
    char why[128];
    struct raw_text text;
    struct sdp sdp;
    if (leg_described(invite, &text) != BODY_DESCRIPTION) return true;
    return sdp_read(text.at, text.length, &sdp, why, sizeof why) && stream_could_agree(&sdp);
}

/* Reads the description of a message. The stream also learns from which address the message came, even if the
 * description is bad: sound is expected from there. */
bool leg_read_sdp(struct leg *leg, const struct sip_msg *message, struct sdp *sdp)
{
    char why[128] = "its body describes no session";
    struct raw_text text;
    if (leg->stream) stream_signalled(leg->stream, &message->src);
    if (leg_described(message, &text) == BODY_DESCRIPTION && sdp_read(text.at, text.length, sdp, why, sizeof why))
        return true;
    exchange_log(leg->talk->exchange, GCX_LOG_INFO, "sip: call=%s: %s", leg->talk->id, why);
    return false;
}

static struct sdp_own leg_own(struct leg *leg, bool secure, char address[SDP_ADDRESS])
{
    if (sa_ntop(&leg->talk->exchange->setting.told, address, SDP_ADDRESS) != 0) address[0] = '\0';
    return (struct sdp_own){address, stream_port(leg->stream), leg->sdp_session, ++leg->sdp_version,
                            secure ? stream_key(leg->stream) : NULL};
}

/* `offer` NULL: we offer. The caller of this function frees the buffer. */
struct mbuf *leg_sdp(struct leg *leg, const struct sdp *offer, enum law preferred)
{
    char text[SDP_SIZE], address[SDP_ADDRESS];
    if (!offer) leg->offered_secure = leg->secure || stream_secure(leg->stream);
    struct sdp_own own = leg_own(leg, offer ? offer->secure : leg->offered_secure, address);
    size_t length = offer ? sdp_answer(&own, offer, text, sizeof text) : sdp_offer(&own, preferred, text, sizeof text);
    struct mbuf *out = mbuf_alloc(length + 1);
    if (!out || mbuf_write_mem(out, (const uint8_t *)text, length) != 0) abort();
    out->pos = 0;
    return out;
}

/* Has the peer put us on hold? The description of such a peer says sendonly or inactive: either way the peer does not
 * listen to us. */
bool leg_holds(const struct leg *leg)
{
    return leg->offer.law_count > 0 && (leg->offer.way == WAY_OUT || leg->offer.way == WAY_NONE);
}

bool leg_takes(struct leg *leg, const struct sip_msg *message, struct sdp *answer)
{
    return leg->stream && leg_read_sdp(leg, message, answer) && answer->secure == leg->offered_secure &&
           stream_agree(leg->stream, answer);
}

bool leg_is_noise(struct leg *leg, const struct sip_msg *message)
{
    struct sdp answer;
    return leg_read_sdp(leg, message, &answer) && answer.secure != leg->offered_secure;
}

bool leg_agrees(struct leg *leg, const struct sip_msg *message)
{
    struct sdp answer;
    return leg_takes(leg, message, &answer);
}

struct mbuf *leg_offer(struct leg *leg)
{
    return leg_sdp(leg, NULL, leg->talk->exchange->setting.first_law);
}

void leg_offer_again(struct leg *leg)
{
    struct mbuf *sdp = leg_sdp(leg, NULL, stream_law(leg->stream));
    session_modify(leg->session, sdp);
    mem_deref(sdp);
}
