/* runtime/adapters/sip/raw.c - Divides a message into lines and words.
 *
 *     INVITE sip:100@x SIP/2.0\r\n         first
 *     v: SIP/2.0/UDP h;branch=z9\r\n       headers[0], RAW_VIA by its short name
 *     Subject: one\r\n                     headers[1]: a line that begins with a blank
 *       two\r\n                              goes on with the header before it
 *     \r\n
 *     body                                 body_at
 *
 * A text here is a pair of place and length and points into the message: nothing is copied, and no text ends with a
 * zero byte. `readable` becomes false if a line is no header or there are too many headers; reading goes on, so that
 * the lines that are good can still be used for an answer. */
#include "runtime/adapters/sip/raw.h"

#include <string.h>

/* --- Words --- */

bool raw_is_token_character(char one)
{
    return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') ||
           (one != '\0' && strchr("-.!%*_+`'~", one));
}

bool raw_is_blank(char one)
{
    return one == ' ' || one == '\t' || one == '\r' || one == '\n';
}

static void raw_advance(struct raw_text *text, size_t count)
{
    text->at += count;
    text->length -= count;
}

void raw_skip_blanks(struct raw_text *text)
{
    while (text->length > 0 && raw_is_blank(*text->at)) raw_advance(text, 1);
}

bool raw_take_character(struct raw_text *text, char one)
{
    if (text->length == 0 || *text->at != one) return false;
    raw_advance(text, 1);
    return true;
}

struct raw_text raw_take_token(struct raw_text *text)
{
    struct raw_text token = {text->at, 0};
    while (token.length < text->length && raw_is_token_character(text->at[token.length])) token.length++;
    raw_advance(text, token.length);
    return token;
}

/* Takes a text in quotation marks; a backslash takes the next character with it, so an escaped quotation mark does
 * not end the text. */
bool raw_take_quoted(struct raw_text *text)
{
    if (!raw_take_character(text, '"')) return false;
    while (text->length > 0 && *text->at != '"') raw_advance(text, *text->at == '\\' && text->length > 1 ? 2 : 1);
    return raw_take_character(text, '"');
}

bool raw_is(struct raw_text text, const char *word)
{
    return text.length == strlen(word) && strncasecmp(text.at, word, text.length) == 0;
}

/* Reads a number of digits, at most `most`; the limit is checked after each digit, so a long row of digits cannot
 * overflow. */
bool raw_number(struct raw_text text, unsigned long long most, unsigned long long *number)
{
    *number = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') return false;
        *number = *number * 10 + (unsigned)(text.at[i] - '0');
        if (*number > most) return false;
    }
    return text.length > 0;
}

/* --- URIs --- */

struct raw_target {
    struct raw_text user, host, port;
};

/* Takes the text up to one of the marks, or the whole text if it has none. */
static struct raw_text raw_take_until(struct raw_text *text, const char *marks)
{
    struct raw_text taken = {text->at, 0};
    while (taken.length < text->length && !memchr(marks, text->at[taken.length], strlen(marks))) taken.length++;
    raw_advance(text, taken.length);
    return taken;
}

/* Reads user, host and port of a URI: `sip:user:password@[2001:db8::1]:5060;transport=udp` has the user
 * `user:password`, the host `[2001:db8::1]` and the port `5060`. */
static bool raw_target_read(struct raw_text uri, struct raw_target *target)
{
    struct raw_text scheme = raw_take_until(&uri, ":"), rest;
    *target = (struct raw_target){{"", 0}, {"", 0}, {"", 0}};
    if ((!raw_is(scheme, "sip") && !raw_is(scheme, "sips")) || !raw_take_character(&uri, ':')) return false;
    rest = uri;
    struct raw_text user = raw_take_until(&rest, "@");
    if (raw_take_character(&rest, '@')) {
        target->user = user;
        uri = rest;
    }
    bool bracketed = uri.length > 0 && *uri.at == '[';
    target->host = raw_take_until(&uri, bracketed ? "]" : ":;?");
    if (bracketed && raw_take_character(&uri, ']')) target->host.length++;
    if (raw_take_character(&uri, ':')) target->port = raw_take_until(&uri, ";?");
    return target->host.length > 0;
}

/* Do both URIs name the same target? A port that only one of the two names is not compared. Hosts are compared
 * without case, users with case (RFC 3261, 19.1.4). */
bool raw_same_target(struct raw_text one, struct raw_text other, bool host_only)
{
    struct raw_target a, b;
    if (!raw_target_read(one, &a) || !raw_target_read(other, &b)) return false;
    bool users = a.user.length == b.user.length && memcmp(a.user.at, b.user.at, a.user.length) == 0;
    bool hosts = a.host.length == b.host.length && strncasecmp(a.host.at, b.host.at, a.host.length) == 0;
    bool ports = a.port.length == 0 || b.port.length == 0 ||
                 (a.port.length == b.port.length && memcmp(a.port.at, b.port.at, a.port.length) == 0);
    return (users || host_only) && hosts && ports;
}

/* --- Lines --- */

/* Takes the next line, without its end; with `folds` it also takes the next lines as long as they begin with a
 * blank. */
static bool raw_take_line(struct raw_text *rest, bool folds, struct raw_text *line)
{
    size_t length = 0, end;
    for (;;) {
        const char *found = memchr(rest->at + length, '\n', rest->length - length);
        if (!found) return false;
        end = (size_t)(found - rest->at);
        length = end + 1;
        bool empty = end == 0 || (end == 1 && *rest->at == '\r');
        if (!folds || empty || length == rest->length || (rest->at[length] != ' ' && rest->at[length] != '\t')) break;
    }
    *line = (struct raw_text){rest->at, end > 0 && rest->at[end - 1] == '\r' ? end - 1 : end};
    raw_advance(rest, length);
    return true;
}

static enum raw_kind raw_kind_of(struct raw_text name)
{
    static const struct {
        const char *name, *compact;
    } kinds[RAW_OTHER] = {[RAW_VIA] = {"Via", "v"},
                          [RAW_FROM] = {"From", "f"},
                          [RAW_TO] = {"To", "t"},
                          [RAW_CALL_ID] = {"Call-ID", "i"},
                          [RAW_CSEQ] = {"CSeq", "CSeq"},
                          [RAW_CONTENT_LENGTH] = {"Content-Length", "l"},
                          [RAW_CONTENT_TYPE] = {"Content-Type", "c"},
                          [RAW_MAX_FORWARDS] = {"Max-Forwards", "Max-Forwards"},
                          [RAW_CONTACT] = {"Contact", "m"}};
    for (unsigned i = 0; i < RAW_OTHER; i++)
        if (raw_is(name, kinds[i].name) || raw_is(name, kinds[i].compact)) return (enum raw_kind)i;
    return RAW_OTHER;
}

/* Is it text without control characters? A control character after a backslash is allowed (RFC 3261, section 25.1:
 * quoted-pair). */
static bool raw_is_text(struct raw_text text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char one = (unsigned char)text.at[i];
        bool control = (one < ' ' && !raw_is_blank(text.at[i])) || one == 0x7f;
        if (control && (i == 0 || text.at[i - 1] != '\\')) return false;
    }
    return true;
}

static bool raw_take_header(struct raw_text line, struct raw_header *header)
{
    struct raw_text rest = line, name = raw_take_token(&rest);
    while (rest.length > 0 && (*rest.at == ' ' || *rest.at == '\t')) raw_advance(&rest, 1);
    if (name.length == 0 || !raw_take_character(&rest, ':') || !raw_is_text(rest)) return false;
    raw_skip_blanks(&rest);
    while (rest.length > 0 && raw_is_blank(rest.at[rest.length - 1])) rest.length--;
    *header = (struct raw_header){raw_kind_of(name), line, rest};
    return true;
}

/* Reads the message. Without an empty line after the headers `body_at` stays 0: the message is cut off. */
void raw_message_read(const char *bytes, size_t length, struct raw *raw)
{
    struct raw_text rest = {bytes, length}, line;
    raw->count = 0;
    raw->body_at = 0;
    raw->first = (struct raw_text){bytes, 0};
    raw->readable = raw_take_line(&rest, false, &raw->first);
    while (raw_take_line(&rest, true, &line)) {
        if (line.length == 0) {
            raw->body_at = length - rest.length;
            return;
        }
        if (raw->count < RAW_HEADERS && raw_take_header(line, &raw->headers[raw->count]))
            raw->count++;
        else
            raw->readable = false;
    }
}

const struct raw_header *raw_find(const struct raw *raw, enum raw_kind kind)
{
    for (unsigned i = 0; i < raw->count; i++)
        if (raw->headers[i].kind == kind) return &raw->headers[i];
    return NULL;
}
