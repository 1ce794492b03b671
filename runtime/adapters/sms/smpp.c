/* runtime/adapters/sms/smpp.c - The SMPP protocol on one connection.
 *
 *     client                              server
 *       |--- bind_transceiver ------------->|   name, password
 *       |<-- bind_transceiver_resp ---------|   status 0: bound
 *       |--- submit_sm, sequence 7 -------->|   at most `window` without an answer
 *       |<-- submit_sm_resp, sequence 7 ----|   the id of the message
 *       |<-- deliver_sm, sequence 3 --------|   a message, or a receipt
 *       |--- deliver_sm_resp, sequence 3 -->|
 *       |--- enquire_link ----------------->|   when nothing has come for a while
 *       |--- unbind ----------------------->|
 *
 * Both sides number their own requests; an answer has the number of its request. This file uses no socket: bytes
 * come by smpp_feed(), time by smpp_tick(), and all bytes to send go through the function `send`. */
#include "runtime/adapters/sms/smpp.h"

#include <assert.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

enum { SMPP_VERSION = 0x34, BIND_US = 30000000, STRANGER_US = 10000000, ENQUIRIES_MAX = 2 };

enum smpp_state { SMPP_CLOSED, SMPP_BINDING, SMPP_BOUND, SMPP_OVER };

struct smpp_waiting { /* a message sent to the peer that has no answer yet */
    void *job;
    uint32_t sequence, answer;
    uint64_t since_us;
};

struct smpp {
    struct smpp_setting setting;
    struct smpp_calls calls;
    enum smpp_state state;
    bool sends, receives; /* by the kind of bind, as seen from the side that has bound */
    char peer[PDU_NAME];
    uint32_t sequence;
    uint64_t now_us, heard_us, asked_us, begun_us;
    unsigned enquiries; /* without an answer */
    GByteArray *come;
    GQueue *waiting; /* of struct smpp_waiting, oldest first */
    size_t unanswered;
};

struct smpp *smpp_new(const struct smpp_setting *setting, const struct smpp_calls *calls, uint64_t now_us)
{
    struct smpp *smpp = memory_zeroed(1, sizeof *smpp);
    smpp->setting = *setting;
    smpp->calls = *calls;
    smpp->now_us = smpp->heard_us = smpp->begun_us = now_us;
    smpp->come = g_byte_array_new();
    smpp->waiting = g_queue_new();
    if (setting->server) smpp->state = SMPP_BINDING;
    return smpp;
}

void smpp_free(struct smpp *smpp)
{
    if (!smpp) return;
    g_queue_free_full(smpp->waiting, free);
    g_byte_array_free(smpp->come, TRUE);
    free(smpp);
}

static bool smpp_write(struct smpp *smpp, const struct pdu *pdu)
{
    static uint8_t bytes[PDU_MAX];
    size_t length = pdu_write(pdu, bytes);
    if (length > 0) smpp->calls.send(smpp->calls.self, bytes, length);
    return length > 0;
}

/* Returns the next number; numbers go from 1 to 0x7fffffff and then begin again (SMPP 3.4, 3.2). */
static uint32_t smpp_next(struct smpp *smpp)
{
    smpp->sequence = smpp->sequence >= 0x7fffffff ? 1 : smpp->sequence + 1;
    return smpp->sequence;
}

static void smpp_say(struct smpp *smpp, uint32_t command, uint32_t status, uint32_t sequence)
{
    struct pdu pdu = {.command = command, .status = status, .sequence = sequence};
    smpp_write(smpp, &pdu);
}

/* Ends the connection; messages without an answer are reported as lost. */
static void smpp_close(struct smpp *smpp, const char *why)
{
    struct smpp_waiting *waiting;
    if (smpp->state == SMPP_OVER) return;
    smpp->state = SMPP_OVER;
    while ((waiting = g_queue_pop_head(smpp->waiting))) {
        smpp->calls.answered(smpp->calls.self, waiting->job, SMPP_LOST, "");
        free(waiting);
    }
    smpp->calls.over(smpp->calls.self, why);
}

void smpp_end(struct smpp *smpp, bool unbind, const char *why)
{
    if (unbind && smpp->state == SMPP_BOUND) smpp_say(smpp, PDU_unbind, STATUS_OK, smpp_next(smpp));
    smpp_close(smpp, why);
}

void smpp_begin(struct smpp *smpp)
{
    assert(!smpp->setting.server && smpp->state == SMPP_CLOSED);
    struct pdu pdu = {.command = PDU_bind_transceiver, .sequence = smpp_next(smpp), .version = SMPP_VERSION};
    text_set(pdu.system_id, sizeof pdu.system_id, smpp->setting.system_id);
    text_set(pdu.password, sizeof pdu.password, smpp->setting.password);
    text_set(pdu.system_type, sizeof pdu.system_type, smpp->setting.system_type);
    smpp->state = SMPP_BINDING;
    smpp->sends = smpp->receives = true;
    smpp_write(smpp, &pdu);
}

/* ---- what comes ---- */

/* Handles the bind of a peer. The answer is sent before a refused peer is closed, so that the peer learns why. */
static void smpp_let_in(struct smpp *smpp, const struct pdu *pdu)
{
    uint32_t status = smpp->state != SMPP_BINDING
                          ? STATUS_BOUND_ALREADY
                          : smpp->calls.may_bind(smpp->calls.self, pdu->system_id, pdu->password);
    struct pdu answer = {.command = pdu->command | PDU_ANSWER,
                         .status = status,
                         .sequence = pdu->sequence,
                         .id = "gcx",
                         .version = status == STATUS_OK ? SMPP_VERSION : 0};
    smpp_write(smpp, &answer);
    if (status == STATUS_BOUND_ALREADY) return;
    if (status != STATUS_OK) {
        smpp_close(smpp, status == STATUS_THROTTLED ? "the peer may not bind: as many are bound as `connections` lets"
                                                    : "the peer may not bind: name or password is wrong");
        return;
    }
    smpp->receives = pdu->command != PDU_bind_transmitter; /* the peer receives what this side sends */
    smpp->sends = pdu->command != PDU_bind_receiver;
    smpp->state = SMPP_BOUND;
    text_set(smpp->peer, sizeof smpp->peer, pdu->system_id);
    smpp->calls.bound(smpp->calls.self);
}

static void smpp_let_us_in(struct smpp *smpp, const struct pdu *pdu)
{
    char why[60];
    if (smpp->state != SMPP_BINDING || smpp->setting.server) return;
    if (pdu->status != STATUS_OK) {
        snprintf(why, sizeof why, "the provider refuses the bind: status 0x%02x", pdu->status);
        smpp_close(smpp, why);
        return;
    }
    smpp->state = SMPP_BOUND;
    text_set(smpp->peer, sizeof smpp->peer, *pdu->id ? pdu->id : "provider");
    smpp->calls.bound(smpp->calls.self);
}

/* Handles an answer to a message that was sent. A generic_nack identifies the message only by the sequence number. */
static void smpp_answer_came(struct smpp *smpp, const struct pdu *pdu)
{
    for (GList *at = smpp->waiting->head; at; at = at->next) {
        struct smpp_waiting *waiting = at->data;
        bool its =
            waiting->sequence == pdu->sequence && (waiting->answer == pdu->command || pdu->command == PDU_generic_nack);
        if (!its) continue;
        g_queue_delete_link(smpp->waiting, at);
        uint32_t status = pdu->status == STATUS_OK && pdu->command == PDU_generic_nack ? STATUS_SYSTEM : pdu->status;
        smpp->calls.answered(smpp->calls.self, waiting->job, status, pdu->id);
        free(waiting);
        return;
    }
}

/* Handles a message, which is a deliver_sm from a provider, a submit_sm to a server, or a data_sm to either. */
static void smpp_message_came(struct smpp *smpp, const struct pdu *pdu)
{
    bool ours = pdu->command == PDU_data_sm || (pdu->command == PDU_submit_sm) == smpp->setting.server;
    if (smpp->state != SMPP_BOUND || !ours || (smpp->setting.server && !smpp->sends)) {
        struct pdu no = {.command = pdu->command | PDU_ANSWER, .status = STATUS_NOT_BOUND, .sequence = pdu->sequence};
        smpp_write(smpp, &no);
        return;
    }
    smpp->unanswered++;
    smpp->calls.came(smpp->calls.self, pdu);
}

static void smpp_take(struct smpp *smpp, const struct pdu *pdu)
{
    switch (pdu->command) {
    case PDU_bind_receiver:
    case PDU_bind_transmitter:
    case PDU_bind_transceiver:
        if (smpp->setting.server)
            smpp_let_in(smpp, pdu);
        else
            smpp_say(smpp, PDU_generic_nack, STATUS_UNKNOWN_COMMAND, pdu->sequence);
        return;
    case PDU_bind_receiver_resp:
    case PDU_bind_transmitter_resp:
    case PDU_bind_transceiver_resp:
        smpp_let_us_in(smpp, pdu);
        return;
    case PDU_submit_sm:
    case PDU_deliver_sm:
    case PDU_data_sm:
        smpp_message_came(smpp, pdu);
        return;
    case PDU_submit_sm_resp:
    case PDU_deliver_sm_resp:
    case PDU_data_sm_resp:
    case PDU_generic_nack:
        smpp_answer_came(smpp, pdu);
        return;
    case PDU_enquire_link:
        smpp_say(smpp, PDU_enquire_link_resp, STATUS_OK, pdu->sequence);
        return;
    case PDU_enquire_link_resp:
        smpp->enquiries = 0;
        return;
    case PDU_unbind:
        smpp_say(smpp, PDU_unbind_resp, STATUS_OK, pdu->sequence);
        smpp_close(smpp, "the peer unbinds");
        return;
    default: /* outbind and alert_notification need no action; unbind_resp comes at the very end */
        return;
    }
}

/* Handles one PDU. A PDU that cannot be read is answered by generic_nack; an unreadable answer still ends the wait for
 * that answer. */
static void smpp_read(struct smpp *smpp, size_t length)
{
    struct pdu pdu;
    enum pdu_read read = pdu_read(smpp->come->data, length, &pdu);
    bool answer = (pdu.command & PDU_ANSWER) != 0;
    if (read == PDU_GOOD)
        smpp_take(smpp, &pdu);
    else if (!answer && read == PDU_UNKNOWN)
        smpp_say(smpp, PDU_generic_nack, STATUS_UNKNOWN_COMMAND, pdu.sequence);
    else if (!answer)
        smpp_say(smpp, PDU_generic_nack, STATUS_WRONG_LENGTH, pdu.sequence);
    else if (read == PDU_WRONG) /* the status is in the head, which is complete */
        smpp_take(smpp, &(struct pdu){.command = pdu.command, .status = pdu.status, .sequence = pdu.sequence});
}

/* Takes bytes of the peer; false: the connection is over. Bytes of an incomplete PDU are kept. */
bool smpp_feed(struct smpp *smpp, const uint8_t *bytes, size_t count, uint64_t now_us)
{
    size_t length;
    smpp->now_us = smpp->heard_us = now_us;
    smpp->enquiries = 0;
    g_byte_array_append(smpp->come, bytes, (guint)count);
    while (smpp->state != SMPP_OVER) {
        if (!pdu_length(smpp->come->data, smpp->come->len, &length)) {
            smpp_close(smpp, "the peer says a length that no PDU has");
            return false;
        }
        if (length == 0) return true;
        smpp_read(smpp, length);
        g_byte_array_remove_range(smpp->come, 0, (guint)length);
    }
    return false;
}

/* ---- time ---- */

/* Asks a silent peer whether it is there; any byte from the peer counts as a sign of life. */
static void smpp_enquire(struct smpp *smpp)
{
    uint64_t now_us = smpp->now_us, enquire_us = smpp->setting.enquire_us;
    if (now_us - smpp->heard_us < enquire_us || (smpp->enquiries > 0 && now_us - smpp->asked_us < enquire_us)) return;
    if (smpp->enquiries >= ENQUIRIES_MAX) {
        smpp_close(smpp, "the peer does not answer enquire_link");
        return;
    }
    smpp->enquiries++;
    smpp->asked_us = now_us;
    smpp_say(smpp, PDU_enquire_link, STATUS_OK, smpp_next(smpp));
}

/* Checks the times. A message that is not answered in time counts as lost; a later answer is ignored. A peer that
 * hangs before it has bound, even in the TLS handshake, is closed. */
void smpp_tick(struct smpp *smpp, uint64_t now_us)
{
    struct smpp_waiting *waiting;
    smpp->now_us = now_us;
    uint64_t bind_us = smpp->setting.server ? STRANGER_US : BIND_US;
    if (smpp->state < SMPP_BOUND && now_us - smpp->begun_us > bind_us) smpp_close(smpp, "nobody has bound in time");
    while ((waiting = g_queue_peek_head(smpp->waiting)) && now_us - waiting->since_us > smpp->setting.response_us) {
        g_queue_pop_head(smpp->waiting);
        smpp->calls.answered(smpp->calls.self, waiting->job, SMPP_LOST, "");
        free(waiting);
    }
    if (smpp->state == SMPP_BOUND) smpp_enquire(smpp);
}

/* ---- what goes ---- */

unsigned smpp_room(const struct smpp *smpp)
{
    if (smpp->state != SMPP_BOUND || !smpp->receives) return 0;
    unsigned count = g_queue_get_length(smpp->waiting);
    return count < smpp->setting.window ? smpp->setting.window - count : 0;
}

/* Sends a message; the wait for its answer begins before, as the answer may come within the call. False: the message
 * does not fit into a PDU. */
bool smpp_send(struct smpp *smpp, struct pdu *pdu, void *job, uint64_t now_us)
{
    assert(smpp_room(smpp) > 0);
    pdu->command = smpp->setting.server ? PDU_deliver_sm : PDU_submit_sm;
    pdu->sequence = smpp_next(smpp);
    struct smpp_waiting *waiting = memory_zeroed(1, sizeof *waiting);
    *waiting = (struct smpp_waiting){job, pdu->sequence, pdu->command | PDU_ANSWER, now_us};
    g_queue_push_tail(smpp->waiting, waiting);
    if (smpp_write(smpp, pdu)) return true;
    free(g_queue_pop_tail(smpp->waiting));
    return false;
}

void smpp_answer(struct smpp *smpp, const struct pdu *question, uint32_t status, const char *id)
{
    struct pdu answer = {.command = question->command | PDU_ANSWER, .status = status, .sequence = question->sequence};
    if (smpp->state != SMPP_BOUND) return;
    assert(smpp->unanswered > 0);
    smpp->unanswered--;
    text_set(answer.id, sizeof answer.id, id);
    smpp_write(smpp, &answer);
}

const char *smpp_peer(const struct smpp *smpp)
{
    return smpp->peer;
}

size_t smpp_unanswered(const struct smpp *smpp)
{
    return smpp->unanswered;
}
