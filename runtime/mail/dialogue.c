/* runtime/mail/dialogue.c - Speaks SMTP or LMTP with one mail server. A mail ends at CR LF, a dot and CR LF, and at
 * nothing else, so that nobody can hide a second mail in the first one by a mail server that takes other bytes as
 * line ends.
 *
 * The states of a connection, and the only changes between them:
 *
 *     COMMANDS --DATA--> DATA --CR LF . CR LF--> WAITING --dialogue_done()--> COMMANDS
 *         '---------------------------- QUIT, too many errors, dialogue_end() ----> OVER
 *
 * In DATA each byte changes `data`, a small automaton that finds the dot alone on its line and removes the dots that
 * the sender has doubled (RFC 5321, 4.5.2). `seen` counts the bytes of the mail, also those that are not kept any
 * more, so that a mail without an end makes the connection end. */
#include "runtime/mail/dialogue.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum state { COMMANDS, DATA, WAITING, OVER };
enum data_state { IN_LINE, AFTER_CR, LINE_START, AFTER_DOT, AFTER_DOT_CR, AT_END };
enum { SEEN_MAX = 4 }; /* after so many times bytes_max in one mail the connection ends */

struct dialogue {
    const struct dialogue_setting *setting;
    struct dialogue_calls calls;
    GString *out;
    char line[DIALOGUE_LINE_MAX + 1];
    size_t line_length;
    bool long_line, greeted;
    enum state state;
    enum data_state data;
    char *sender; /* the sender of the mail; NULL: no mail has begun */
    GPtrArray *recipients;
    char *bytes;
    size_t length, capacity, seen;
    unsigned refused; /* the code by which the mail will be refused; 0: none so far */
    unsigned errors, commands;
};

/* ---- answers ---- */

static void dialogue_say(struct dialogue *dialogue, unsigned code, const char *text)
{
    g_string_append_printf(dialogue->out, "%u %s\r\n", code, text);
    if (code >= 400 && dialogue->calls.refused) dialogue->calls.refused(dialogue->calls.self, code, text);
}

static const char *dialogue_text_of(unsigned code)
{
    switch (code) {
    case 421:
        return "4.3.2 not now, try again later";
    case 450:
        return "4.7.1 too many mails, try again later";
    case 452:
        return "4.3.1 no room now, try again later";
    case 550:
        return "5.1.1 there is no such address here";
    case 552:
        return "5.3.4 the mail is too large";
    default:
        return code < 500 ? "4.3.0 try again later" : "5.3.0 refused";
    }
}

static void dialogue_wrong(struct dialogue *dialogue, unsigned code, const char *text)
{
    dialogue_say(dialogue, code, text);
    if (++dialogue->errors > DIALOGUE_ERRORS_MAX) dialogue_end(dialogue, "4.7.0 too many errors");
}

static void dialogue_reset(struct dialogue *dialogue)
{
    g_free(dialogue->sender);
    dialogue->sender = NULL;
    g_ptr_array_set_size(dialogue->recipients, 0);
    free(dialogue->bytes);
    dialogue->bytes = NULL;
    dialogue->length = dialogue->capacity = dialogue->seen = 0;
    dialogue->refused = 0;
}

/* ---- commands ---- */

static bool word_is(const char *line, const char *word)
{
    size_t length = strlen(word);
    return g_ascii_strncasecmp(line, word, length) == 0 && (line[length] == ' ' || line[length] == 0);
}

static void on_hello(struct dialogue *dialogue, const char *line)
{
    const struct dialogue_setting *setting = dialogue->setting;
    bool plain = word_is(line, "HELO");
    if (word_is(line, "LHLO") != setting->lmtp) {
        dialogue_wrong(dialogue, 500, setting->lmtp ? "5.5.1 this is LMTP: say LHLO" : "5.5.1 this is SMTP: say EHLO");
        return;
    }
    dialogue_reset(dialogue);
    dialogue->greeted = true;
    if (plain) {
        dialogue_say(dialogue, 250, setting->name);
        return;
    }
    g_string_append_printf(dialogue->out,
                           "250-%s\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n"
                           "250 SIZE %zu\r\n",
                           setting->name, setting->bytes_max);
}

/* Finds the bracket that ends a path; a quoted local part may contain one, too. NULL: it is no path. */
static char *path_end(char *at)
{
    bool quoted = false;
    for (; *at && (quoted || *at != '>'); at++) {
        if (quoted && *at == '\\' && at[1])
            at++;
        else if (*at == '"')
            quoted = !quoted;
        if ((unsigned char)*at < ' ' || *at == 0x7f || (!quoted && (*at == ' ' || *at == '<'))) return NULL;
    }
    return *at ? at : NULL;
}

/* Divides "<address> PARAMETERS" into the address, without a route, and the parameters. False: it is none. */
static bool dialogue_path(char *text, char **address, char **parameters)
{
    while (*text == ' ') text++;
    char *end = *text == '<' ? path_end(text + 1) : NULL;
    if (!end || (end[1] != ' ' && end[1] != 0)) return false;
    *end = 0;
    char *inner = text + 1, *route = *inner == '@' ? strchr(inner, ':') : NULL;
    *address = route ? route + 1 : inner;
    *parameters = end + 1;
    return g_utf8_validate(*address, -1, NULL);
}

/* Reads the parameters of MAIL. False: one of them is not known. `size`: what SIZE= says. */
static bool read_parameters(char *text, size_t *size)
{
    char **words = g_strsplit(text, " ", 10);
    bool good = true;
    for (char **word = words; *word && good; word++) {
        if (g_ascii_strncasecmp(*word, "SIZE=", 5) == 0)
            *size = (size_t)g_ascii_strtoull(*word + 5, NULL, 10);
        else
            good = !**word || g_ascii_strcasecmp(*word, "BODY=8BITMIME") == 0 ||
                   g_ascii_strcasecmp(*word, "BODY=7BIT") == 0 || g_ascii_strcasecmp(*word, "SMTPUTF8") == 0;
    }
    g_strfreev(words);
    return good;
}

/* MAIL FROM: asks the owner whether the mail may come, before any of it is read. */
static void dialogue_on_mail(struct dialogue *dialogue, char *argument)
{
    char *address, *parameters;
    size_t size = 0;
    if (!dialogue->greeted)
        dialogue_wrong(dialogue, 503, "5.5.1 say hello first");
    else if (dialogue->sender)
        dialogue_wrong(dialogue, 503, "5.5.1 a mail has begun already");
    else if (!dialogue_path(argument, &address, &parameters))
        dialogue_wrong(dialogue, 501, "5.1.7 MAIL FROM:<address> is expected");
    else if (!read_parameters(parameters, &size))
        dialogue_wrong(dialogue, 555, "5.5.4 a parameter is not known");
    else if (size > dialogue->setting->bytes_max)
        dialogue_wrong(dialogue, 552, dialogue_text_of(552));
    else {
        unsigned code = dialogue->calls.begins(dialogue->calls.self, address, size);
        if (code == 0) dialogue->sender = g_strdup(address);
        dialogue_say(dialogue, code == 0 ? 250 : code, code == 0 ? "2.1.0 ok" : dialogue_text_of(code));
    }
}

/* RCPT TO: an address that is not ours counts as an error, so that nobody tries many addresses. */
static void dialogue_on_recipient(struct dialogue *dialogue, char *argument)
{
    assert(!dialogue->sender || dialogue->greeted); /* MAIL asks for it */
    char *address, *parameters;
    if (!dialogue->sender)
        dialogue_wrong(dialogue, 503, "5.5.1 MAIL first");
    else if (dialogue->recipients->len >= DIALOGUE_RECIPIENTS_MAX)
        dialogue_say(dialogue, 452, "4.5.3 too many recipients");
    else if (!dialogue_path(argument, &address, &parameters) || !*address || *parameters != 0)
        dialogue_wrong(dialogue, 501, "5.1.3 RCPT TO:<address> is expected");
    else {
        unsigned code = dialogue->calls.recipient(dialogue->calls.self, address);
        if (code != 0) {
            dialogue_wrong(dialogue, code, dialogue_text_of(code));
            return;
        }
        g_ptr_array_add(dialogue->recipients, g_strdup(address));
        dialogue_say(dialogue, 250, "2.1.5 ok");
    }
}

static void dialogue_on_data(struct dialogue *dialogue)
{
    if (!dialogue->sender || dialogue->recipients->len == 0) {
        dialogue_wrong(dialogue, 503, "5.5.1 MAIL and RCPT first");
        return;
    }
    dialogue->state = DATA;
    dialogue->data = LINE_START;
    dialogue_say(dialogue, 354, "end with a line that is a dot");
}

/* Does one command of the peer. Commands are counted, too, so that a connection that only sends NOOP ends at last. */
static void on_command(struct dialogue *dialogue, char *line)
{
    assert(dialogue->state == COMMANDS);
    if (++dialogue->commands > DIALOGUE_COMMANDS_MAX)
        dialogue_end(dialogue, "4.7.0 enough for one connection");
    else if (word_is(line, "EHLO") || word_is(line, "HELO") || word_is(line, "LHLO"))
        on_hello(dialogue, line);
    else if (g_ascii_strncasecmp(line, "MAIL FROM:", 10) == 0)
        dialogue_on_mail(dialogue, line + 10);
    else if (g_ascii_strncasecmp(line, "RCPT TO:", 8) == 0)
        dialogue_on_recipient(dialogue, line + 8);
    else if (word_is(line, "DATA"))
        dialogue_on_data(dialogue);
    else if (word_is(line, "RSET")) {
        dialogue_reset(dialogue);
        dialogue_say(dialogue, 250, "2.0.0 ok");
    } else if (word_is(line, "NOOP"))
        dialogue_say(dialogue, 250, "2.0.0 ok");
    else if (word_is(line, "VRFY"))
        dialogue_say(dialogue, 252, "2.5.0 send and see");
    else if (word_is(line, "QUIT")) {
        dialogue_say(dialogue, 221, "2.0.0 bye");
        dialogue->state = OVER;
    } else
        dialogue_wrong(dialogue, 500, "5.5.2 not known");
}

/* Collects a line, perhaps from several pieces; one that is too long is read to its end and refused once. */
static size_t feed_line(struct dialogue *dialogue, const char *bytes, size_t length)
{
    assert(dialogue->state == COMMANDS && dialogue->line_length <= DIALOGUE_LINE_MAX);
    const char *end = memchr(bytes, '\n', length);
    size_t taken = end ? (size_t)(end - bytes) + 1 : length, text = end ? taken - 1 : length;
    if (dialogue->line_length + text > DIALOGUE_LINE_MAX) {
        dialogue->long_line = true;
        text = 0;
    }
    assert(dialogue->line_length + text <= DIALOGUE_LINE_MAX);
    memcpy(dialogue->line + dialogue->line_length, bytes, text);
    dialogue->line_length += text;
    if (!end) return taken;
    while (dialogue->line_length > 0 && strchr(" \t\r", dialogue->line[dialogue->line_length - 1]))
        dialogue->line_length--;
    dialogue->line[dialogue->line_length] = 0;
    bool bad = dialogue->long_line || strlen(dialogue->line) != dialogue->line_length;
    dialogue->long_line = false;
    dialogue->line_length = 0;
    if (bad)
        dialogue_wrong(dialogue, 500, "5.5.2 the line is too long, or has a zero in it");
    else
        on_command(dialogue, dialogue->line);
    return taken;
}

/* ---- the mail itself ---- */

/* Adds bytes to the mail. A mail that has become too large is freed at once; its other bytes are read and dropped. */
static void dialogue_keep(struct dialogue *dialogue, const char *bytes, size_t length)
{
    assert(dialogue->state == DATA && dialogue->length <= dialogue->capacity);
    dialogue->seen += length;
    if (dialogue->refused != 0) return;
    if (dialogue->length + length > dialogue->setting->bytes_max) {
        dialogue->refused = 552;
        free(dialogue->bytes);
        dialogue->bytes = NULL;
        dialogue->length = dialogue->capacity = 0;
        return;
    }
    if (dialogue->length + length > dialogue->capacity) {
        size_t capacity = dialogue->capacity ? dialogue->capacity * 2 : 16384;
        while (capacity < dialogue->length + length) capacity *= 2;
        dialogue->bytes = memory_grown(dialogue->bytes, capacity, 1);
        dialogue->capacity = capacity;
    }
    memcpy(dialogue->bytes + dialogue->length, bytes, length);
    dialogue->length += length;
}

/* Does the automaton's step for one byte, and keeps the byte if it belongs to the mail. */
static enum data_state data_after(struct dialogue *dialogue, char c)
{
    assert(dialogue->state == DATA && dialogue->data != AT_END);
    if (dialogue->data == LINE_START && c == '.') return AFTER_DOT;
    if (dialogue->data == AFTER_DOT && c == '\r') return AFTER_DOT_CR;
    if (dialogue->data == AFTER_DOT_CR) {
        if (c == '\n') return AT_END;
        dialogue_keep(dialogue, "\r", 1);
    }
    bool after_cr = dialogue->data == AFTER_CR || dialogue->data == AFTER_DOT_CR;
    dialogue_keep(dialogue, &c, 1);
    return c == '\r' ? AFTER_CR : c == '\n' && after_cr ? LINE_START : IN_LINE;
}

/* Hands the complete mail over; nothing further is read until dialogue_done(). */
static void mail_whole(struct dialogue *dialogue)
{
    assert(dialogue->sender && dialogue->recipients->len > 0); /* DATA asks for both */
    dialogue->state = WAITING;
    if (dialogue->refused != 0) {
        dialogue_done(dialogue, dialogue->refused, dialogue_text_of(dialogue->refused));
        return;
    }
    struct dialogue_mail mail = {dialogue->sender, (const char *const *)dialogue->recipients->pdata,
                                 dialogue->recipients->len, dialogue->bytes, dialogue->length};
    dialogue->bytes = NULL;
    dialogue->length = dialogue->capacity = 0;
    dialogue->calls.mail(dialogue->calls.self, &mail);
}

/* Takes bytes of the mail: those within a line are kept in one piece; only line ends go through the automaton byte
 * by byte. */
static size_t feed_data(struct dialogue *dialogue, const char *bytes, size_t length)
{
    assert(dialogue->state == DATA && length > 0);
    size_t at = 0;
    while (at < length && dialogue->data != AT_END)
        if (dialogue->data == IN_LINE && bytes[at] != '\r') {
            const char *cr = memchr(bytes + at, '\r', length - at);
            size_t run = cr ? (size_t)(cr - bytes) - at : length - at;
            dialogue_keep(dialogue, bytes + at, run);
            at += run;
        } else
            dialogue->data = data_after(dialogue, bytes[at++]);
    if (dialogue->data == AT_END)
        mail_whole(dialogue);
    else if (dialogue->seen / SEEN_MAX > dialogue->setting->bytes_max)
        dialogue_end(dialogue, "4.3.0 the mail does not end");
    return at;
}

/* ---- from outside ---- */

struct dialogue *dialogue_new(const struct dialogue_setting *setting, const struct dialogue_calls *calls)
{
    struct dialogue *dialogue = memory_zeroed(1, sizeof *dialogue);
    dialogue->setting = setting;
    dialogue->calls = *calls;
    dialogue->out = g_string_new(NULL);
    dialogue->recipients = g_ptr_array_new_with_free_func(g_free);
    g_string_append_printf(dialogue->out, "220 %s %s\r\n", setting->name, setting->lmtp ? "LMTP" : "ESMTP");
    return dialogue;
}

void dialogue_free(struct dialogue *dialogue)
{
    if (!dialogue) return;
    dialogue_reset(dialogue);
    g_ptr_array_free(dialogue->recipients, TRUE);
    g_string_free(dialogue->out, TRUE);
    free(dialogue);
}

/* Takes bytes of the peer; returns how many were taken. The function stops when a mail waits for dialogue_done(): the
 * caller must give the rest again. */
size_t dialogue_feed(struct dialogue *dialogue, const char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length && (dialogue->state == COMMANDS || dialogue->state == DATA))
        at += dialogue->state == DATA ? feed_data(dialogue, bytes + at, length - at)
                                      : feed_line(dialogue, bytes + at, length - at);
    return at;
}

/* Answers the mail: by LMTP once for each recipient (RFC 2033, 4.2), by SMTP once. */
void dialogue_done(struct dialogue *dialogue, unsigned code, const char *text)
{
    if (dialogue->state == OVER) return;
    assert(dialogue->state == WAITING);
    unsigned answers = dialogue->setting->lmtp ? dialogue->recipients->len : 1;
    for (unsigned i = 0; i < answers; i++) dialogue_say(dialogue, code, text);
    dialogue_reset(dialogue);
    dialogue->state = COMMANDS;
}

/* Refuses the mail that is being received: it is read to its end without being kept, and refused then. */
void dialogue_too_much(struct dialogue *dialogue)
{
    if (dialogue->state != DATA) return;
    free(dialogue->bytes);
    dialogue->bytes = NULL;
    dialogue->length = dialogue->capacity = 0;
    dialogue->refused = 452;
}

void dialogue_end(struct dialogue *dialogue, const char *text)
{
    if (dialogue->state != OVER) dialogue_say(dialogue, 421, text);
    dialogue->state = OVER;
}

const char *dialogue_output(const struct dialogue *dialogue, size_t *length)
{
    *length = dialogue->out->len;
    return dialogue->out->str;
}

void dialogue_sent(struct dialogue *dialogue, size_t length)
{
    assert(length <= dialogue->out->len);
    g_string_erase(dialogue->out, 0, (gssize)length);
}

size_t dialogue_held(const struct dialogue *dialogue)
{
    return dialogue->capacity;
}

bool dialogue_waits(const struct dialogue *dialogue)
{
    return dialogue->state == WAITING;
}

bool dialogue_over(const struct dialogue *dialogue)
{
    return dialogue->state == OVER;
}
