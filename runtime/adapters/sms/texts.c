/* runtime/adapters/sms/texts.c - Short messages as items of the post office: PDUs become items and receipts, pieces
 * become PDUs, answers of SMPP become those of the post office. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapters/sms/alphabet.h"
#include "runtime/adapters/sms/sms.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "runtime/vocabulary/person.h"
#include "runtime/vocabulary/denied.h"
#include "runtime/web/reply.h"

/* ---- answers to incoming messages ---- */

/* Returns the status on which the peer keeps the message and sends it again. */
static uint32_t text_later_status(uint32_t command)
{
    return command == PDU_submit_sm ? STATUS_QUEUE_FULL : STATUS_LATER;
}

static bool text_answer_on(struct sms *sms, const struct post_ticket *ticket, uint32_t status, const char *id)
{
    const struct pdu question = {.command = ticket->kind, .sequence = (uint32_t)ticket->number};
    return ticket->from >= PROVIDER_CONNECTIONS ? provider_answer(sms->provider, ticket->from, status)
                                                : sms_links_answer(sms->links, ticket->from, &question, status, id);
}

static bool text_refuse(struct sms *sms, const struct post_ticket *ticket, uint32_t status)
{
    bool later = status == text_later_status(ticket->kind);
    refused_tell(sms->link, sms->services, later ? REFUSED_sms_text_later : REFUSED_sms_text_never, "status 0x%02x",
                 status);
    return text_answer_on(sms, ticket, status, "");
}

static bool text_answer(void *self, const struct post_ticket *ticket, enum post_verdict verdict, const char *name)
{
    if (POST_IS_LATER(verdict)) return text_refuse(self, ticket, text_later_status(ticket->kind));
    if (verdict != POST_TAKEN) return text_refuse(self, ticket, STATUS_REFUSED);
    return text_answer_on(self, ticket, STATUS_OK, ticket->kind == PDU_submit_sm ? name : "");
}

static void text_receipted(void *self, const struct post_ticket *ticket, enum post_verdict verdict)
{
    (void)text_answer_on(self, ticket, verdict == POST_TAKEN ? STATUS_OK : text_later_status(ticket->kind), "");
}

/* ---- what comes ---- */

static void text_customer(const struct sms *sms, const struct pdu *pdu, char customer[POST_ADDRESS])
{
    char whole[PDU_NUMBER + 1], number[PERSON_NUMBER];
    bool international = pdu->from.type == 1 && *pdu->from.digits != '+';
    snprintf(whole, sizeof whole, "%s%s", international ? "+" : "", pdu->from.digits);
    bool is = pdu->from.type != 5 && person_number(span_of(whole), sms->setting.country, number);
    text_set(customer, POST_ADDRESS, is ? number : whole);
}

/* Writes the plugin's number to which the message was sent. SMPP has a separate field for whether a number is
 * international. */
static bool text_own_number(const struct own_number *row, const struct pdu *pdu, char own[POST_ADDRESS])
{
    char number[PDU_NUMBER + 2];
    bool international = pdu->to.type == 1 && *pdu->to.digits != '+';
    snprintf(number, sizeof number, "%s%s", international ? "+" : "", pdu->to.digits);
    return numbers_write(row, number, own, POST_ADDRESS);
}

/* Makes an item; NULL: the header is damaged, or a number too long. A message that is no text is shown by its
 * length. */
static struct post_item *text_of_pdu(const struct sms *sms, const struct pdu *pdu, const struct own_number *row)
{
    struct part_place place;
    struct span bytes;
    if (!sms_parts_place(pdu, &place, &bytes)) return NULL;
    struct post_item *item = memory_zeroed(1, sizeof *item);
    GString *text = g_string_new(NULL);
    struct alphabet how = {pdu->coding, place.locking, place.shift};
    bool is_text = (place.total > 1 ? alphabet_part_put : alphabet_to_utf8)(how, bytes.bytes, bytes.length, text);
    if (!is_text) g_string_printf(text, "(a message of %u bytes that is no text)", bytes.length);
    item->text = g_string_free(text, FALSE);
    item->place = (struct post_place){place.ref, place.total, place.n};
    text_customer(sms, pdu, item->customer);
    if (text_own_number(row, pdu, item->own)) return item;
    post_item_free(item);
    return NULL;
}

/* Takes a message from a customer; a message from one of the plugin's own numbers was written by a machine, and is
 * dropped. */
static void text_item_take(struct sms *sms, const struct post_ticket *ticket, struct post_item *item)
{
    if (numbers_are_ours(&sms->setting.own_numbers, item->customer)) {
        sms->services->count(sms->link, "own", 1);
        (void)text_answer_on(sms, ticket, STATUS_OK, "");
        post_item_free(item);
        return;
    }
    office_take(sms->office, ticket, item);
}

static enum post_out text_state(enum receipt_state state)
{
    switch (state) {
    case RECEIPT_DELIVERED:
        return POST_OUT_delivered;
    case RECEIPT_EXPIRED:
        return POST_OUT_expired;
    case RECEIPT_FAILED:
        return POST_OUT_failed;
    default:
        return POST_OUT_given;
    }
}

static void text_receipt(struct sms *sms, const struct post_ticket *ticket, const struct receipt *read,
                         const struct pdu *pdu)
{
    struct post_receipt receipt = {.state = text_state(read->state)};
    receipt_id_received(read->id, sms->setting.receipts, receipt.form);
    text_set(receipt.peer_id, sizeof receipt.peer_id, read->id);
    text_set(receipt.word, sizeof receipt.word, read->word);
    text_set(receipt.error, sizeof receipt.error, read->error);
    if (read->unflagged) text_customer(sms, pdu, receipt.from);
    office_receipt(sms->office, ticket, &receipt);
}

void text_provided_receipt(struct sms *sms, struct post_receipt *receipt)
{
    receipt_id_received(receipt->peer_id, sms->setting.receipts, receipt->form);
    office_receipt(sms->office, &(struct post_ticket){0}, receipt);
}

/* Handles an incoming message. The order of the tests matters: receipts first, since they may come to any number;
 * then what no customer has written; then messages to the plugin's numbers. While the core is away the provider must
 * keep the messages. */
void text_came(void *self, uint64_t connection, const struct pdu *pdu)
{
    struct sms *sms = self;
    struct receipt receipt;
    const struct own_number *row = numbers_find(&sms->setting.own_numbers, pdu->to.digits);
    const struct post_ticket ticket = {connection, pdu->sequence, pdu->command};
    if (sms_receipt_read(pdu, &receipt)) {
        text_receipt(sms, &ticket, &receipt, pdu);
        return;
    }
    if (pdu->esm_class & ESM_TYPES) { /* acknowledgements of telephones and the like, which nobody has requested */
        (void)text_answer_on(sms, &ticket, STATUS_OK, "");
        return;
    }
    struct post_item *item = row ? text_of_pdu(sms, pdu, row) : NULL;
    if (item && *item->customer && sms->services->up(sms->link)) {
        text_item_take(sms, &ticket, item);
        return;
    }
    uint32_t status = !row               ? STATUS_WRONG_DESTINATION
                      : !item            ? STATUS_REFUSED
                      : !*item->customer ? STATUS_WRONG_SOURCE
                                         : text_later_status(pdu->command);
    office_refused(sms->office, status == text_later_status(pdu->command));
    (void)text_refuse(sms, &ticket, status);
    post_item_free(item);
}

void text_provided(struct sms *sms, uint64_t connection, struct post_item *item)
{
    text_item_take(sms, &(struct post_ticket){.from = connection, .kind = PDU_deliver_sm}, item);
}

/* ---- what goes ---- */

struct text_body { /* a message that is sent */
    struct sms_parts parts;
    uint16_t header; /* the reference in its parts' headers */
};

static bool text_fits_provider(const struct sms *sms, const char *text)
{
    const struct network *network = sms->setting.of;
    return !network || (uint64_t)g_utf8_strlen(text, -1) <= network->text_max;
}

/* Replaces characters by plain ones if the text still fits then: dots for an ellipsis are more characters. */
static void text_make_plain(const struct sms *sms, struct post_sending *sending)
{
    char *plain = alphabet_plain(sending->text);
    if (!text_fits_provider(sms, plain)) {
        g_free(plain);
        return;
    }
    g_free(sending->text);
    sending->text = plain;
}

/* Divides the text. Whether the text fits is decided by the length of the original text, which `gcxc test` counts. A
 * provider with HTTP takes a text as one message, however long it is. Returns the number of messages; 0: none, with
 * cause and reason. */
static unsigned text_divide(const void *self, struct post_sending *sending, enum cause *cause, const char **why)
{
    const struct sms *sms = self;
    struct text_body *body = memory_zeroed(1, sizeof *body);
    bool fits = text_fits_provider(sms, sending->text);
    body->header = (uint16_t)g_random_int();
    if (fits && setting_yes(sms->setting.plain)) text_make_plain(sms, sending);
    if (fits && sms_parts_make(&body->parts, sending->text, sms->setting.parts)) {
        sending->body = body;
        return sms->provider ? 1 : body->parts.count;
    }
    free(body);
    *cause = cause_refused;
    *why = denied_words(WHY_text);
    return 0;
}

static void text_forget(void *given)
{
    struct text_body *body = given;
    if (!body) return;
    sms_parts_free(&body->parts);
    free(body);
}

static bool text_address(const void *self, struct span to, char customer[POST_ADDRESS])
{
    char number[PERSON_MAX + 1];
    const char *why;
    return person_dialled(to, ((const struct sms *)self)->setting.country, number, &why) &&
           text_set(customer, POST_ADDRESS, number);
}

/* Writes the number to send from: the plugin's number to which the customer wrote, or else the usual one. */
static void text_from(const void *self, struct span from, char own[POST_ADDRESS])
{
    const struct sms *sms = self;
    char number[POST_ADDRESS] = "";
    const struct own_number *row = NULL;
    if (from.length > 0 && text_set_span(number, sizeof number, from))
        row = numbers_find(&sms->setting.own_numbers, number);
    numbers_write(row ? row : sms->setting.own, number, own, POST_ADDRESS);
}

static void text_names(const void *self, const char *peer_id, char form[POST_ADDRESS])
{
    receipt_id_answered(peer_id, ((const struct sms *)self)->setting.receipts, form);
}

static const char *text_queue(const void *self, const char *own)
{
    const struct own_number *row = numbers_find(&((const struct sms *)self)->setting.own_numbers, own);
    return row ? row->queue : NULL;
}

static uint64_t text_way_room(void *self, uint64_t *where)
{
    struct sms *sms = self;
    if (sms->provider) return provider_room(sms->provider);
    return sms->links ? sms_links_room(sms->links, where) : 0;
}

static bool text_busy(const void *self, const char *customer)
{
    const struct sms *sms = self;
    assert(sms->provider); /* only a provider with HTTP sends in turn */
    return provider_writes_to(sms->provider, customer);
}

static void text_number(const char *number, struct pdu_number *to)
{
    to->type = *number == '+';
    to->plan = 1;
    text_set(to->digits, sizeof to->digits, *number == '+' ? number + 1 : number);
}

/* Sends a piece to a provider with HTTP, under a name that is never used for another message, so that the provider
 * recognizes a repetition. */
static bool text_send_provided(struct sms *sms, const struct post_sending *sending, void *piece)
{
    char *id = g_strdup_printf("%016llx-%s", (unsigned long long)sending->journal, sending->key);
    bool good = provider_send(sms->provider, id, sending->own, sending->customer, sending->text, piece);
    g_free(id);
    return good;
}

/* Sends a piece; false: it cannot be sent. `where` is the number of the connection that can take it. */
static bool text_send(void *self, const struct post_sending *sending, unsigned n, uint64_t where, void *piece)
{
    static uint8_t bytes[PDU_MAX];
    struct sms *sms = self;
    const struct text_body *body = sending->body;
    struct pdu pdu = {.registered = 1};
    if (sms->provider) return text_send_provided(sms, sending, piece);
    text_number(sending->own, &pdu.from);
    text_number(sending->customer, &pdu.to);
    sms_parts_put(&body->parts, n, sms->setting.parts, body->header, bytes, sizeof bytes, &pdu);
    return sms_links_send(sms->links, where, &pdu, piece);
}

/* Translates a status of SMPP for the post office: given, lost, a wrong address, too fast, or refused. */
void text_provided_answer(void *self, void *piece, uint32_t status, const char *id, const char *why)
{
    struct post_answered answered = {.answer = status == STATUS_OK                  ? POST_GIVEN
                                               : status == SMPP_LOST                ? POST_NO_ANSWER
                                               : status == STATUS_WRONG_DESTINATION ? POST_WRONG_ADDRESS
                                               : status == STATUS_THROTTLED || status == STATUS_QUEUE_FULL
                                                   ? POST_LESS
                                                   : POST_REFUSED,
                                     .peer_id = id,
                                     .why = why};
    office_answered(((const struct sms *)self)->office, piece, &answered);
}

void text_answered(void *self, void *piece, uint32_t status, const char *id)
{
    char why[40];
    if (status == SMPP_LOST)
        text_set(why, sizeof why, "no answer came");
    else
        snprintf(why, sizeof why, "status 0x%02x", status);
    text_provided_answer(self, piece, status, id, why);
}

/* ---- the way ---- */

void text_rules(const struct sms_setting *setting, struct post_rules *rules)
{
    *rules = (struct post_rules){.store = setting->store,
                                 .country = setting->country,
                                 .lists = setting->lists,
                                 .tenant = setting->tenant,
                                 .words = {setting->languages, setting->words},
                                 .stopped = setting->stopped,
                                 .started = setting->started,
                                 .help = setting->help,
                                 .empty = setting->empty,
                                 .conversations = setting->route_count > 0,
                                 .resends = setting->resends,
                                 .in_turn = setting->of != NULL,
                                 .gap_s = setting->gap,
                                 .submit_timeout_s = setting->submit_timeout,
                                 .give_up_s = setting->give_up,
                                 .window = setting->window,
                                 .rate = setting->rate};
}

static void text_tick(void *self)
{
    sms_links_tick(((struct sms *)self)->links);
}

static void text_second(void *self)
{
    struct sms *sms = self;
    watched_tick(&sms->files);
    sms_links_refresh(sms->links);
    session_tick(sms);
    application_tick(sms);
    if (sms->provider) provider_tick(sms->provider);
}

const struct post_way text_way = {
    .name = "sms",
    .media = media_sms,
    .kind = STORE_phone,
    .noun = "text",
    .by_peer = REFUSED_sms_by_provider,
    .by_us = REFUSED_sms_by_us,
    .queue = text_queue,
    .answer = text_answer,
    .receipted = text_receipted,
    .join = alphabet_join,
    .taken = session_take,
    .word = session_word,
    .names = text_names,
    .address = text_address,
    .from = text_from,
    .divide = text_divide,
    .forget = text_forget,
    .room = text_way_room,
    .busy = text_busy,
    .send = text_send,
    .held = session_expect,
    .ordered = application_ordered,
    .asked = application_asked,
    .asker_free = asker_free,
    .tick = text_tick,
    .second = text_second,
};
