/* runtime/vocabulary/print.c - Messages as one line of text for people: traces, logs, tests.
 *
 *     EventParty(Ringing) is printed as    EventRinging ixn=1-0000000000a3 conn=... dn=7001 ...
 *
 * The name is the one known to people of the field, so it may depend on a field (message_name). With a mask,
 * personal data is not shown: of numbers only the last two digits, of texts only the length. Secret values are
 * stars. The line never exceeds `size`; `length` counts the bytes that the whole line needs. */
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/message.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/media.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"
#include "base/shown.h"

struct printed_line {
    char *out;
    size_t size, length; /* length: of the whole line, even if it is cut */
    struct message_mask mask;
    unsigned depth; /* of pairs within pairs */
};

static void line_put(struct printed_line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Counts on when the buffer is full, so the caller can allocate a larger one and print again. */
static void line_put(struct printed_line *line, const char *format, ...)
{
    size_t left = line->length < line->size ? line->size - line->length : 0;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(left ? line->out + line->length : NULL, left, format, arguments);
    va_end(arguments);
    if (length > 0) line->length += (size_t)length;
}

static bool span_is_plain(struct span span)
{
    unsigned length;
    char shown[SHOWN_MAX];
    for (uint32_t i = 0; i < span.length; i += length)
        if (!shown_next(span.bytes + i, span.length - i, &length, shown) || strchr(" \"\\{}[],=:", span.bytes[i]))
            return false;
    return span.length > 0;
}

/* Adds the text to the line, in quotes if needed, so that no text from outside can look like another line or field. */
static void line_put_text(struct printed_line *line, struct span span)
{
    unsigned length;
    char shown[SHOWN_MAX];
    if (span_is_plain(span)) {
        line_put(line, "%.*s", (int)span.length, (const char *)span.bytes);
        return;
    }
    line_put(line, "\"");
    for (uint32_t i = 0; i < span.length; i += length) {
        shown_next(span.bytes + i, span.length - i, &length, shown);
        assert(length > 0); /* a length of 0 would never reach the end of the text */
        line_put(line, "%s%s", span.bytes[i] == '"' || span.bytes[i] == '\\' ? "\\" : "", shown);
    }
    line_put(line, "\"");
}

static void put_hex(struct printed_line *line, struct span span, uint32_t most)
{
    assert(most > 0);
    for (uint32_t i = 0; i < span.length && i < most; i++) line_put(line, "%02x", span.bytes[i]);
    if (span.length > most) line_put(line, "..(%" PRIu32 ")", span.length);
}

static void line_put_duration(struct printed_line *line, int64_t us)
{
    if (us % 1000000 == 0)
        line_put(line, "%" PRId64 "s", us / 1000000);
    else if (us % 1000 == 0)
        line_put(line, "%" PRId64 "ms", us / 1000);
    else
        line_put(line, "%" PRId64 "us", us);
}

/* Short numbers are the site's own (extensions) and are shown. */
void number_mask(struct span number, char out[NUMBER_MASKED])
{
    bool own = number.length <= NUMBER_OWN;
    uint32_t shown = own ? number.length : 2;
    snprintf(out, NUMBER_MASKED, "%s%.*s", own ? "" : "..", (int)shown,
             (const char *)number.bytes + number.length - shown);
}

/* A caller's number is hidden even if it is short. */
void caller_mask(struct span number, char out[NUMBER_MASKED])
{
    enum { SHORT = 4 };
    out[0] = '\0';
    if (number.length > SHORT)
        snprintf(out, NUMBER_MASKED, "..%.2s", (const char *)number.bytes + number.length - 2);
    else if (number.length > 0)
        snprintf(out, NUMBER_MASKED, "..(%" PRIu32 ")", number.length);
}

static bool print_is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Returns the number in a name, without scheme and host; empty: the name is no number. `least`: how many digits a
 * name without a scheme or + must have to count as a number. */
static struct span print_number_in(struct span name, uint32_t least)
{
    static const char *const schemes[] = {"sip:", "sips:", "tel:"};
    struct span number = name;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        uint32_t length = (uint32_t)strlen(schemes[i]);
        if (name.length > length && memcmp(name.bytes, schemes[i], length) == 0)
            number = (struct span){name.bytes + length, name.length - length};
    }
    bool said = number.length < name.length;
    const uint8_t *host = number.length == 0 ? NULL : memchr(number.bytes, '@', number.length);
    if (host && host > number.bytes) number.length = (uint32_t)(host - number.bytes);
    if (said || (number.length > 1 && number.bytes[0] == '+')) return number;
    for (uint32_t i = 0; i < number.length; i++)
        if (!print_is_digit(number.bytes[i])) return (struct span){0};
    return number.length >= least ? number : (struct span){0};
}

enum { NAME_DIGITS = 7, KEY_DIGITS = 6 };

/* Returns `name` itself if it is no number. */
const char *name_mask(const char *name, char out[NUMBER_MASKED])
{
    struct span number = print_number_in(span_of(name), NAME_DIGITS);
    if (number.length > 0) caller_mask(number, out);
    return number.length > 0 ? out : name;
}

/* Adds a name, or, if it is a number, only the part that may be shown. */
static void line_put_name(struct printed_line *line, struct span name, uint32_t least)
{
    char text[NUMBER_MASKED];
    struct span number = line->mask.personal ? print_number_in(name, least) : (struct span){0};
    if (number.length > 0) caller_mask(number, text);
    line_put_text(line, number.length > 0 ? span_of(text) : name);
}

/* Masks runs of five digits and more, since they may be a number, wherever they are in the text. `out` has room for
 * the text's length. */
uint32_t said_mask(struct span text, uint8_t *out)
{
    enum { RUN = 5 };
    uint32_t made = 0;
    for (uint32_t i = 0; i < text.length;) {
        uint32_t end = i;
        while (end < text.length && print_is_digit(text.bytes[end])) end++;
        if (end - i >= RUN) {
            out[made++] = '.';
            out[made++] = '.';
            i = end - 2;
        }
        end = end > i ? end : i + 1;
        memmove(out + made, text.bytes + i, end - i);
        made += end - i;
        i = end;
    }
    return made;
}

/* Adds a text that somebody has composed; its personal parts are masked if the line is. */
static void line_put_said(struct printed_line *line, struct span text)
{
    uint8_t *out = line->mask.personal && text.length > 0 ? memory_zeroed(text.length, 1) : NULL;
    line_put_text(line, out ? (struct span){out, said_mask(text, out)} : text);
    free(out);
}

static void line_put_number(struct printed_line *line, struct span number)
{
    char text[NUMBER_MASKED];
    number_mask(number, text);
    line_put_text(line, line->mask.personal ? span_of(text) : number);
}

static void put_caller(struct printed_line *line, struct span number)
{
    char text[NUMBER_MASKED];
    caller_mask(number, text);
    line_put_text(line, line->mask.personal ? span_of(text) : number);
}

/* Adds a person's text, or only its length if the line is masked. */
static void put_personal(struct printed_line *line, struct span text)
{
    if (line->mask.personal)
        line_put(line, "..(%" PRIu32 ")", text.length);
    else
        line_put_text(line, text);
}

/* Adds a list of pairs; the secret names of the mask apply to the outermost pairs. A secret list becomes stars as a
 * whole. */
static void put_kv(struct printed_line *line, struct span list)
{
    bool outermost = line->depth++ == 0;
    line_put(line, "{");
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(list, &at, &pair);) {
        line_put_name(line, pair.key, KEY_DIGITS);
        line_put(line, "=");
        bool hidden = outermost && line->mask.hides && line->mask.hides(line->mask.self, pair.key);
        bool plain = pair.value.tag != KV_NONE && pair.value.tag != KV_TEXT && pair.value.tag != KV_LIST;
        if (pair.value.secret || hidden) {
            line_put(line, "***");
        } else if (line->mask.personal && plain) {
            line_put(line, "..");
        } else {
            switch (pair.value.tag) {
            case KV_NONE:
                line_put(line, "none");
                break;
            case KV_INT:
            case KV_TIME:
                line_put(line, "%" PRId64, pair.value.word);
                break;
            case KV_BOOL:
                line_put(line, pair.value.word ? "true" : "false");
                break;
            case KV_FLOAT:
                line_put(line, "%.17g", pair.value.number);
                break;
            case KV_TEXT:
                put_personal(line, pair.value.span);
                break;
            case KV_BINARY:
                put_hex(line, pair.value.span, 16);
                break;
            case KV_LIST:
                put_kv(line, pair.value.span);
                break;
            }
        }
        if (at < list.length) line_put(line, ",");
    }
    line_put(line, "}");
    line->depth--;
}

/* Fields with personal data, although other fields of their types have none: texts that people wrote, what a
 * strategy or a person says, the caller or recipient, names that may be an outside party's number, keys. */
static const char *const written_fields[] = {"subject", "body", NULL};
static const char *const said_fields[] = {"why", NULL};
static const char *const caller_fields[] = {"ani", NULL};
static const char *const party_fields[] = {"call_id", "dn", "origin_dn", "other_dn", "to", NULL};
static const char *const key_fields[] = {"keys", "deleted", NULL};

static bool field_is_one_of(const struct field_row *field, const char *const names[])
{
    for (size_t i = 0; names[i]; i++)
        if (strcmp(field->name, names[i]) == 0) return true;
    return false;
}

static void line_put_fields(struct printed_line *, const struct message *, const struct row *, unsigned from);

/* Fields of a session's messages, and of notes, that are personal; in other messages the same names are not. */
static bool is_sessions(const struct row *row, const struct field_row *field)
{
    static const struct {
        unsigned kind;
        const char *field;
    } of[] = {{KIND_EventMessage, "text"}, {KIND_EventMessage, "from"}, /* the name that customers give themselves */
              {KIND_SendMessage, "text"},  {KIND_SendMessage, "to"},    {KIND_Note, "text"},
              {KIND_Submitted, "subject"}, {KIND_Submit, "to"}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (of[i].kind == row->kind && strcmp(field->name, of[i].field) == 0) return true;
    return false;
}

static bool field_is_media(const struct field_row *field)
{
    return field->type == TYPE_LIST_N ? strcmp(field->name, "media") == 0
                                      : field->values && strcmp(field->values->name, "media") == 0;
}

/* Adds a value of an enumeration, or an element of a list of media. */
static void line_put_word(struct printed_line *line, const struct field_row *field, uint64_t value)
{
    const char *name = field->values ? enum_table_name(field->values, value) : enum_name_media((unsigned)value);
    if (line->mask.medium && field_is_media(field) && media_own_number(value) != 0)
        line_put_text(line, line->mask.medium(line->mask.self, (unsigned)value));
    else
        line_put(line, "%s", name ? name : "other");
}

static void line_put_list(struct printed_line *line, struct span list, const struct row *row,
                          const struct field_row *field)
{
    line_put(line, "[");
    for (uint32_t at = 0; at < list.length;) {
        struct span element;
        uint64_t word;
        if (field->type == TYPE_LIST_N) {
            message_next_u(list, &at, &word);
            if (field_is_media(field))
                line_put_word(line, field, word);
            else
                line_put(line, "%" PRIu64, word);
        } else {
            message_next_text(list, &at, &element);
            if (field->type == TYPE_LIST_TEXT && is_sessions(row, field)) {
                line_put_number(line, element);
            } else if (field->type == TYPE_LIST_TEXT && field_is_one_of(field, key_fields)) {
                line_put_name(line, element, KEY_DIGITS);
            } else if (field->type == TYPE_LIST_TEXT) {
                line_put_text(line, element);
            } else {
                struct message record;
                message_record(&record, row_of_record(field->type), element);
                line_put(line, "{");
                line_put_fields(line, &record, record.row, 16);
                line_put(line, "}");
            }
        }
        if (at < list.length) line_put(line, ",");
    }
    line_put(line, "]");
}

static void line_put_value(struct printed_line *line, const struct field *field, const struct row *row,
                           const struct field_row *known)
{
    struct message record;
    switch (known->type) {
    case TYPE_N:
        line_put(line, "%" PRIu64, field->word);
        break;
    case TYPE_ID:
        line_put(line, "%" PRIu64 "-%012" PRIx64, field->word >> 48, field->word & 0xffffffffffff);
        break;
    case TYPE_B:
        line_put(line, "true");
        break;
    case TYPE_E:
        line_put_word(line, known, field->word);
        break;
    case TYPE_I:
    case TYPE_T:
        line_put(line, "%" PRId64, bytes_unzigzag(field->word));
        break;
    case TYPE_D:
        line_put_duration(line, bytes_unzigzag(field->word));
        break;
    case TYPE_CONN:
        line_put(line, "%016" PRIx64, field->word);
        break;
    case TYPE_ADDR:
        if (field_is_one_of(known, caller_fields))
            put_caller(line, field->span);
        else if (is_sessions(row, known))
            put_personal(line, field->span);
        else
            line_put_number(line, field->span);
        break;
    case TYPE_NAME:
    case TYPE_TEXT:
        if (known->secret || field_is_one_of(known, written_fields) || is_sessions(row, known))
            put_personal(line, field->span);
        else if (field_is_one_of(known, said_fields))
            line_put_said(line, field->span);
        else if (field_is_one_of(known, party_fields))
            line_put_name(line, field->span, NAME_DIGITS);
        else
            line_put_text(line, field->span);
        break;
    case TYPE_HASH:
    case TYPE_BYTES:
        put_hex(line, field->span, 8);
        break;
    case TYPE_KV:
    case TYPE_ROWS:
    case TYPE_VALUES:
        put_kv(line, field->span);
        break;
    case TYPE_ONE_BLOB:
        message_record(&record, row_of_record(known->type), field->span);
        line_put(line, "{");
        line_put_fields(line, &record, record.row, 16);
        line_put(line, "}");
        break;
    case TYPE_LIST_TEXT:
    case TYPE_LIST_N:
    case TYPE_LIST_BLOB:
    case TYPE_LIST_PARTY:
        line_put_list(line, field->span, row, known);
        break;
    }
}

static void line_put_fields(struct printed_line *line, const struct message *message, const struct row *row,
                            unsigned from)
{
    bool first = message->kind == 0;
    for (unsigned i = 0; i < message->count; i++) {
        const struct field *field = &message->fields[i];
        const struct field_row *known = field->number < from ? NULL : row_field(row, field->number);
        if (!known) continue;
        line_put(line, "%s%s=", first ? "" : " ", known->name);
        line_put_value(line, field, row, known);
        first = false;
    }
}

/* Adds the fields of the envelope that tell people whom and what a message is about; the other fields serve only the
 * links. */
static void put_envelope(struct printed_line *line, const struct message *message, bool ids)
{
    static const unsigned shown[] = {ENVELOPE_ixn, ENVELOPE_ref,   ENVELOPE_conn,  ENVELOPE_client,
                                     ENVELOPE_req, ENVELOPE_actor, ENVELOPE_tenant};
    for (unsigned i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        if (!ids && (shown[i] == ENVELOPE_ixn || shown[i] == ENVELOPE_conn)) continue;
        for (unsigned j = 0; j < message->count; j++) {
            if (message->fields[j].number != shown[i]) continue;
            const struct field_row *known = row_field(message->row, shown[i]);
            line_put(line, " %s=", known->name);
            line_put_value(line, &message->fields[j], message->row, known);
        }
    }
}

static const char *agent_state_name(uint64_t state)
{
    static const char *const names[] = {[agent_state_logged_out] = "EventAgentLogout",
                                        [agent_state_logged_in] = "EventAgentLogin",
                                        [agent_state_ready] = "EventAgentReady",
                                        [agent_state_not_ready] = "EventAgentNotReady",
                                        [agent_state_after_call_work] = "EventAgentAfterCallWork",
                                        [agent_state_dnd_on] = "EventDNDOn",
                                        [agent_state_dnd_off] = "EventDNDOff"};
    return state < sizeof names / sizeof *names && names[state] ? names[state] : "EventAgentState";
}

static const char *data_request_name(uint64_t op)
{
    static const char *const names[] = {[data_op_Attach] = "RequestAttachUserData",
                                        [data_op_Update] = "RequestUpdateUserData",
                                        [data_op_DeletePair] = "RequestDeletePair",
                                        [data_op_DeleteUserData] = "RequestDeleteUserData",
                                        [data_op_ChangeProperties] = "RequestChangeProperties"};
    return op < sizeof names / sizeof *names && names[op] ? names[op] : "RequestUserData";
}

/* Calls `each` with all names that a printed message can have. */
void message_names(void (*each)(void *self, const char *name), void *self)
{
    enum { KINDS_END = 2048, VALUES_END = 64 };
    char name[NAME_MAX_BYTES + 1];
    for (unsigned kind = 0; kind < KINDS_END; kind++)
        if (kind_name(kind)) each(self, kind_name(kind));
    for (uint64_t value = 0; value < VALUES_END; value++) {
        (void)snprintf(name, sizeof name, "Event%s", enum_name_party_change(value));
        each(self, name);
        (void)snprintf(name, sizeof name, "EventTreatment%s", enum_name_treatment_change(value));
        each(self, name);
        each(self, agent_state_name(value));
        each(self, data_request_name(value));
    }
    each(self, "EventLinkConnected");
    each(self, "EventLinkDisconnected");
    each(self, "EventError");
}

size_t message_name(const struct message *message, char *out, size_t size)
{
    struct printed_line line = {.out = out, .size = size};
    uint64_t value;
    switch (message->kind) {
    case KIND_EventParty:
        value = message_u(message, EventParty_change);
        line_put(&line, "Event%s", value ? enum_name_party_change(value) : "Party");
        break;
    case KIND_EventTreatment:
        value = message_u(message, EventTreatment_change);
        line_put(&line, "EventTreatment%s", value ? enum_name_treatment_change(value) : "");
        break;
    case KIND_EventAgentState:
        line_put(&line, "%s", agent_state_name(message_u(message, EventAgentState_state)));
        break;
    case KIND_RequestUserData:
        line_put(&line, "%s", data_request_name(message_u(message, RequestUserData_op)));
        break;
    case KIND_PeerLink:
        line_put(&line, message_u(message, PeerLink_up) ? "EventLinkConnected" : "EventLinkDisconnected");
        break;
    case KIND_EventDone:
        line_put(&line, message_u(message, EventDone_outcome) == outcome_ok ? "EventDone" : "EventError");
        break;
    default:
        line_put(&line, "%s", kind_name(message->kind));
        break;
    }
    return line.length;
}

static size_t message_print_line(const struct message *message, bool ids, struct message_mask mask, char *out,
                                 size_t size)
{
    struct printed_line line = {.out = out, .size = size, .mask = mask};
    line.length = message_name(message, out, size);
    put_envelope(&line, message, ids);
    line_put_fields(&line, message, message->row, 16);
    return line.length;
}

size_t message_print(const struct message *message, char *out, size_t size)
{
    return message_print_line(message, true, (struct message_mask){0}, out, size);
}

size_t message_print_masked(const struct message *message, struct message_mask mask, char *out, size_t size)
{
    return message_print_line(message, true, mask, out, size);
}

size_t message_print_bare(const struct message *message, struct message_mask mask, char *out, size_t size)
{
    return message_print_line(message, false, mask, out, size);
}
