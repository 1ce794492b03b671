/* runtime/adapters/sip/arrival.c - A trunk brings a call: reads the caller's number and the user data of its INVITE.
 * The call is then at a routing point; an emergency may be connected to a number outside at once.
 *
 *     INVITE from a trunk
 *       |-- no port of sound is free --------------------> 503 with Retry-After
 *       |-- a leg cannot be made of it ------------------> the leg's status, as 488
 *       |-- a call of the call model, with ANI and DNIS
 *             |-- `to` is a routing point ---------------> the core decides
 *             '-- else (an emergency) -------------------> called at once, without the core
 */
#include <string.h>
#include <strings.h>

#include "runtime/adapters/sip/brought.h"
#include "runtime/adapters/sip/number.h"
#include "runtime/adapters/sip/passing.h"
#include "runtime/adapters/sip/redirect.h"
#include "runtime/adapters/sip/refuse.h"
#include "runtime/adapters/sip/talk.h"

/* True: one of the words, which end with NULL, stands in the value, or the value is too long to be read. */
static bool privacy_has(const struct pl *value, const char *const words[])
{
    static const char between[] = "; ,\t\"-";
    char text[ADDRESS_SIZE];
    if (pl_strcpy(value, text, sizeof text) != 0) return true;
    for (const char *at = text + strspn(text, between); *at; at += strspn(at, between)) {
        size_t length = strcspn(at, between);
        for (const char *const *word = words; *word; word++)
            if (strlen(*word) == length && strncasecmp(at, *word, length) == 0) return true;
        at += length;
    }
    return false;
}

/* Is the number withheld by Remote-Party-ID, the header from before RFC 3325, in its entry for the calling party? */
static bool party_is_private(const struct sip_hdr *header, const struct sip_msg *invite, void *unused)
{
    static const char *const words[] = {"full", "uri", NULL};
    struct sip_addr address;
    struct pl party, privacy;
    (void)invite, (void)unused;
    if (sip_addr_decode(&address, &header->val) != 0) return false;
    if (msg_param_decode(&address.params, "party", &party) == 0 && pl_strcasecmp(&party, "calling") != 0) return false;
    return msg_param_decode(&address.params, "privacy", &privacy) == 0 && privacy_has(&privacy, words);
}

/* True: the caller withholds the number (RFC 3323 and 3325: Privacy with id, user or full). */
static bool wants_privacy(const struct sip_msg *invite)
{
    static const char *const words[] = {"id", "user", "full", NULL};
    const struct sip_hdr *privacy = sip_msg_hdr(invite, SIP_HDR_PRIVACY);
    return (privacy && privacy_has(&privacy->val, words)) ||
           sip_msg_xhdr_apply(invite, true, "Remote-Party-ID", party_is_private, NULL) != NULL;
}

/* The caller's number, from P-Asserted-Identity if it is there: trunks are trusted with it (RFC 3325). A number that
 * is withheld is given to emergency services alone. */
static void caller_number(const struct exchange *exchange, const struct sip_msg *invite, const char *to,
                          char ani[ADDRESS_SIZE])
{
    const struct sip_hdr *asserted = sip_msg_hdr(invite, SIP_HDR_P_ASSERTED_IDENTITY);
    struct sip_addr address;
    *ani = '\0';
    if (wants_privacy(invite) && !setting_is_emergency(&exchange->setting, to)) return;
    if (asserted && sip_addr_decode(&address, &asserted->val) == 0) number_of_uri(&address.uri, ani, ADDRESS_SIZE);
    if (!*ani) number_of_uri(&invite->from.uri, ani, ADDRESS_SIZE);
}

/* Puts the call at its routing point; an emergency alone is connected here at once, since it must not wait for the
 * core. */
static void arrival_goes(struct talk *talk, const char *to)
{
    if (setting_is_point(&talk->exchange->setting, to)) {
        talk_stands(talk, to);
        return;
    }
    talk->called = reach_call(talk, to);
    if (!talk->called) talk_gone(talk, cause_no_circuit);
}

/* The order matters. The talk exists before its leg, because the leg belongs to a talk. The call model hears of the
 * call only once the INVITE has a leg: what was refused before leaves no call behind. */
void arrival_begin(struct exchange *exchange, const struct sip_msg *invite, const char *to, const char *dnis)
{
    char ani[ADDRESS_SIZE];
    uint16_t status;
    bool only_decided = setting_redirects(&exchange->setting, to);
    if (!only_decided && !talks_have_ports(exchange, talk_ports(exchange, to))) {
        refuse_once(exchange, invite, REFUSED_sip_no_port, "Retry-After: 10\r\n");
        return;
    }
    struct talk *talk = talk_new(exchange);
    passing_begin(talk, invite);
    talk->caller = only_decided ? redirect_accept(talk, invite) : leg_accept(talk, invite, "", &status);
    caller_number(exchange, invite, to, ani);
    if (!talk->caller) {
        refuse_kept(exchange, invite, refuse_why(status), "");
        talk_free(talk);
        return;
    }
    struct brought brought;
    const struct trunk *trunk = setting_trunk(&exchange->setting, &invite->src);
    brought_read(&brought, invite, trunk && trunk->leads_to_switch);
    struct json_t *data = brought_data(&brought);
    struct call_facts facts = {.call_id = talk->id, .ani = ani, .dnis = dnis, .type = call_type_inbound, .data = data};
    /* A ConnID from outside that this exchange could have given itself is not taken: it would be that of a call
     * here. */
    if (brought.conn >> 48 != exchange->cti.services->link(exchange->cti.link)) facts.correlator = brought.conn;
    cti_clock(&exchange->cti);
    const struct call *call = cti_call(&exchange->cti, &facts);
    brought_data_free(data);
    if (!call) {
        talk_gone(talk, cause_overload);
        return;
    }
    arrival_goes(talk, to);
}
