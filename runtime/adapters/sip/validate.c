/* runtime/adapters/sip/validate.c - The rules by which a message is accepted, refused or dropped.
 *
 *     bytes --> leading empty lines are passed over
 *           --> "SIP/" at the beginning: an answer   good, else dropped
 *           --> else a request                       good, refused (400, 416, 505), or dropped
 *                                                    (without a Via nobody can be answered)
 *
 * This file also writes the refusal of a request, without a transaction. An accepted message may still make no sense to
 * the layers above; it only has the form that they rely on. Only the headers on which the layers above rely are
 * checked. */
#include "runtime/adapters/sip/validate.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static void valid_refuse(struct validated *validated, unsigned status, const char *phrase)
{
    validated->judged = JUDGED_REFUSE;
    validated->status = status;
    validated->phrase = phrase;
}

static void valid_drop(struct validated *validated, const char *why)
{
    validated->judged = JUDGED_DROP;
    validated->phrase = why;
}

/* --- Addresses and parameters --- */

/* Reads any number of parameters: `;name`, `;name=word`, `;name="words"`. */
static bool valid_params(struct raw_text *rest)
{
    for (;;) {
        raw_skip_blanks(rest);
        if (!raw_take_character(rest, ';')) return true;
        raw_skip_blanks(rest);
        if (raw_take_token(rest).length == 0) return false;
        raw_skip_blanks(rest);
        if (!raw_take_character(rest, '=')) continue;
        raw_skip_blanks(rest);
        if (rest->length > 0 && *rest->at == '"') {
            if (!raw_take_quoted(rest)) return false;
            continue;
        }
        size_t length = 0; /* a token, or a host such as [2001:db8::1]:5060 */
        while (rest->length > 0 && (raw_is_token_character(*rest->at) || strchr("[]:", *rest->at)) && *rest->at)
            rest->at++, rest->length--, length++;
        if (length == 0) return false;
    }
}

/* Is the text a URI of any scheme, without blanks and without marks that end a URI? An escape (%) must have two
 * digits. */
static bool valid_uri(struct raw_text uri)
{
    const char *colon = memchr(uri.at, ':', uri.length);
    if (!colon || colon == uri.at || colon == uri.at + uri.length - 1) return false;
    for (size_t i = 0; i < uri.length; i++) {
        unsigned char one = (unsigned char)uri.at[i];
        bool escape = one == '%' && !(i + 2 < uri.length && strspn(uri.at + i + 1, "0123456789abcdefABCDEF") >= 2);
        if (one <= ' ' || one == 0x7f || one == '<' || one == '>' || one == '"' || escape) return false;
    }
    for (const char *at = uri.at; at < colon; at++)
        if (!raw_is_token_character(*at) || *at == '%') return false;
    return true;
}

/* Reads an address: `"Name" <uri>;params`, `Name <uri>;params`, or `uri;params`; the last form may have no question
 * mark (RFC 3261, section 20.10). */
static bool valid_address(struct raw_text *rest, struct raw_text *found)
{
    struct raw_text bare = *rest, uri;
    bool named = rest->length > 0 && *rest->at == '"';
    if (named && !raw_take_quoted(rest)) return false;
    if (!named)
        while (raw_take_token(rest).length > 0) raw_skip_blanks(rest);
    raw_skip_blanks(rest);
    if (raw_take_character(rest, '<')) {
        const char *end = memchr(rest->at, '>', rest->length);
        if (!end) return false;
        uri = (struct raw_text){rest->at, (size_t)(end - rest->at)};
        rest->length -= uri.length + 1;
        rest->at = end + 1;
    } else {
        if (named) return false;
        size_t length = 0;
        while (length < bare.length && !raw_is_blank(bare.at[length]) && bare.at[length] != ';' &&
               bare.at[length] != ',')
            length++;
        uri = (struct raw_text){bare.at, length};
        if (memchr(uri.at, '?', uri.length)) return false;
        *rest = (struct raw_text){bare.at + length, bare.length - length};
    }
    *found = uri;
    return valid_uri(uri) && valid_params(rest);
}

/* Is the value one address, and no path such as `http://site.example`? libre would drop such a caller's request
 * without an answer; here it is refused. */
static bool valid_one_address(struct raw_text value)
{
    struct raw_text uri;
    if (!valid_address(&value, &uri) || value.length > 0) return false;
    const char *colon = memchr(uri.at, ':', uri.length);
    return colon[1] != '/';
}

static bool valid_contacts(struct raw_text value)
{
    struct raw_text uri;
    if (raw_is(value, "*")) return true;
    do {
        raw_skip_blanks(&value);
        if (!valid_address(&value, &uri)) return false;
    } while (raw_take_character(&value, ','));
    return value.length == 0;
}

/* --- Via --- */

static bool valid_via_word(struct raw_text *rest, const char *word)
{
    raw_skip_blanks(rest);
    struct raw_text token = raw_take_token(rest);
    raw_skip_blanks(rest);
    return word ? raw_is(token, word) : token.length > 0;
}

/* Reads a value such as `SIP / 2.0 / UDP host:port;params`, or several separated by commas; adds their number to
 * `count`. */
static bool valid_via(struct raw_text value, unsigned *count)
{
    do {
        size_t length = 0;
        if (!valid_via_word(&value, "SIP") || !raw_take_character(&value, '/') || !valid_via_word(&value, "2.0") ||
            !raw_take_character(&value, '/') || !valid_via_word(&value, NULL))
            return false;
        while (value.length > 0 && (raw_is_token_character(*value.at) || (*value.at && strchr("[]:", *value.at))))
            value.at++, value.length--, length++;
        if (length == 0 || !valid_params(&value)) return false;
        ++*count;
    } while (raw_take_character(&value, ','));
    return value.length == 0;
}

/* Looks for the parameter `name` in the first Via of the header, which ends before the first comma. True: `*param` is
 * the parameter's value. False: the Via has no such parameter, and `*end` is where the Via ends. */
static bool via_has_param(struct raw_text value, const char *name, struct raw_text *param, const char **end)
{
    for (bool quoted = false, begins = false; value.length > 0; value.at++, value.length--) {
        if (*value.at == '"') quoted = !quoted;
        if (!quoted && *value.at == ',') break;
        if (!quoted && *value.at == ';') begins = true;
        if (!begins || raw_is_blank(*value.at) || *value.at == ';') continue;
        struct raw_text rest = value, word = raw_take_token(&rest);
        begins = false;
        if (!raw_is(word, name)) continue;
        raw_skip_blanks(&rest);
        (void)raw_take_character(&rest, '=');
        raw_skip_blanks(&rest);
        *param = raw_take_token(&rest);
        return true;
    }
    *end = value.at;
    return false;
}

/* --- Headers --- */

static bool valid_cseq(struct raw_text value, struct raw_text *method)
{
    const unsigned long long most = 2147483647; /* RFC 3261, section 8.1.1.5 */
    unsigned long long number;
    struct raw_text digits = raw_take_token(&value);
    raw_skip_blanks(&value);
    *method = raw_take_token(&value);
    return raw_number(digits, most, &number) && method->length > 0 && value.length == 0;
}

static bool valid_header(const struct raw_header *header, unsigned *vias)
{
    unsigned long long number;
    struct raw_text method;
    switch (header->kind) {
    case RAW_VIA:
        return valid_via(header->value, vias);
    case RAW_FROM:
    case RAW_TO:
        return valid_one_address(header->value);
    case RAW_CONTACT:
        return valid_contacts(header->value);
    case RAW_CALL_ID:
        return header->value.length > 0 && !memchr(header->value.at, ' ', header->value.length);
    case RAW_CSEQ:
        return valid_cseq(header->value, &method);
    case RAW_MAX_FORWARDS:
        return raw_number(header->value, 255, &number);
    case RAW_CONTENT_LENGTH:
        return raw_number(header->value, UINT32_MAX, &number);
    default:
        return true;
    }
}

/* Are all headers valid that must be, and is none there twice that may be there only once? In an answer only the
 * headers that assign it to its request count: an invalid Contact is ignored, because a sender whose answer is
 * dropped would repeat the request. */
static bool valid_headers(const struct raw *raw, bool answer, unsigned *vias)
{
    unsigned counts[RAW_KINDS] = {0};
    for (unsigned i = 0; i < raw->count; i++) {
        enum raw_kind kind = raw->headers[i].kind;
        bool beside = answer && (kind == RAW_CONTACT || kind == RAW_MAX_FORWARDS);
        if (!beside && !valid_header(&raw->headers[i], vias)) return false;
        if (++counts[kind] > 1 && kind != RAW_VIA && kind != RAW_CONTACT && kind != RAW_OTHER) return false;
    }
    return counts[RAW_VIA] && counts[RAW_FROM] && counts[RAW_TO] && counts[RAW_CALL_ID] && counts[RAW_CSEQ];
}

/* Finds the body: its length is in Content-Length; without that header the body is the rest of the packet. */
static bool valid_body(struct validated *validated)
{
    const struct raw_header *header = raw_find(&validated->raw, RAW_CONTENT_LENGTH);
    size_t body = validated->begin + validated->raw.body_at;
    unsigned long long length = 0;
    if (!header) return true;
    if (!raw_number(header->value, UINT32_MAX, &length) || length > validated->end - body) return false;
    validated->end = body + (size_t)length;
    return true;
}

/* --- First lines --- */

static struct raw_text first_line_word(struct raw_text *line)
{
    struct raw_text word = {line->at, 0};
    while (word.length < line->length && line->at[word.length] != ' ') word.length++;
    line->at += word.length;
    line->length -= word.length;
    return word;
}

/* Is it a URI that can be called? Telephones of IMS dial a number as tel: (RFC 3966). */
static bool uri_is_called(struct raw_text uri)
{
    static const char *const schemes[] = {"sip:", "sips:", "tel:"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t length = strlen(schemes[i]);
        if (uri.length > length && strncmp(uri.at, schemes[i], length) == 0) return true;
    }
    return false;
}

/* Is the URI the service of emergencies, `urn:service:sos` (RFC 5031), or a kind of that service? */
static bool uri_is_emergency(struct raw_text uri)
{
    static const char service[] = "urn:service:sos";
    size_t length = sizeof service - 1;
    return uri.length >= length && strncasecmp(uri.at, service, length) == 0 &&
           (uri.length == length || uri.at[length] == '.');
}

/* Has the URI headers? Headers within a URI are meant for links in pages and cards, and not for requests. */
static bool uri_has_headers(struct raw_text uri)
{
    const char *at = memchr(uri.at, '@', uri.length);
    size_t before = at ? (size_t)(at - uri.at) : 0;
    return memchr(uri.at + before, '?', uri.length - before) != NULL;
}

static void valid_request_line(struct validated *validated)
{
    struct raw_text line = validated->raw.first, method = raw_take_token(&line), uri, version;
    bool good = method.length > 0 && raw_take_character(&line, ' ');
    uri = first_line_word(&line);
    good = good && uri.length > 0 && raw_take_character(&line, ' ');
    version = first_line_word(&line);
    if (!good || line.length > 0 || version.length < 7 || strncmp(version.at, "SIP/", 4) != 0 || !valid_uri(uri))
        valid_refuse(validated, 400, "Bad Request");
    else if (!raw_is(version, "SIP/2.0"))
        valid_refuse(validated, 505, "Version Not Supported");
    else if (!uri_is_called(uri) && !uri_is_emergency(uri))
        valid_refuse(validated, 416, "Unsupported URI Scheme");
    else if (uri_has_headers(uri))
        valid_refuse(validated, 400, "Bad Request");
}

/* --- Requests and answers --- */

static bool methods_agree(const struct raw *raw)
{
    struct raw_text line = raw->first, method = raw_take_token(&line), told;
    const struct raw_header *cseq = raw_find(raw, RAW_CSEQ);
    return cseq && valid_cseq(cseq->value, &told) && told.length == method.length &&
           memcmp(told.at, method.at, method.length) == 0;
}

static void valid_request(struct validated *validated)
{
    struct raw *raw = &validated->raw;
    const struct raw_header *via = raw_find(raw, RAW_VIA);
    struct raw_text branch;
    unsigned vias = 0;
    const char *end = NULL;
    if (!via) {
        valid_drop(validated, "it has no Via");
        return;
    }
    valid_request_line(validated);
    if (validated->judged != JUDGED_TAKE) return;
    if (raw->body_at == 0 || !raw->readable || !valid_headers(raw, false, &vias) || !methods_agree(raw) ||
        !valid_body(validated))
        valid_refuse(validated, 400, "Bad Request");
    else if (!via_has_param(via->value, "branch", &branch, &end))
        validated->branch_at = (size_t)(end - raw->first.at) + validated->begin;
}

/* Validates a response. A wrong answer is dropped, because answering an answer could go on without end. */
static void valid_response(struct validated *validated)
{
    const struct raw *raw = &validated->raw;
    struct raw_text line = raw->first;
    struct raw_text version = first_line_word(&line);
    unsigned long long status;
    unsigned vias = 0;
    bool good = raw_is(version, "SIP/2.0") && raw_take_character(&line, ' ');
    good = good && raw_number(first_line_word(&line), 999, &status) && status >= 100;
    if (!good || raw->body_at == 0 || !raw->readable || !valid_headers(raw, true, &vias) || !valid_body(validated))
        valid_drop(validated, "it is no answer of SIP");
    else if (vias != 1)
        valid_drop(validated, "it is an answer for somebody else");
}

/* Judges a message. `begin` and `end` are its bounds within the packet: bytes after the Content-Length do not belong
 * to the message. */
void sip_validate(const char *bytes, size_t length, struct validated *validated)
{
    size_t begin = 0;
    while (begin < length && (bytes[begin] == '\r' || bytes[begin] == '\n')) begin++;
    validated->judged = JUDGED_TAKE;
    validated->status = 0;
    validated->phrase = "";
    validated->begin = begin;
    validated->end = length;
    validated->branch_at = 0;
    raw_message_read(bytes + begin, length - begin, &validated->raw);
    if (validated->raw.first.length == 0)
        valid_drop(validated, "it is no message");
    else if (validated->raw.first.length >= 4 && strncmp(validated->raw.first.at, "SIP/", 4) == 0)
        valid_response(validated);
    else
        valid_request(validated);
    assert(validated->begin <= validated->end && validated->end <= length);
}

/* --- The answer to a wrong request --- */

/* The port to which an answer is sent (RFC 3261, 18.2.2): the port in the Via; 0: the sender's own port, if the Via
 * asks for it (rport). */
unsigned validate_reply_port(const struct validated *validated)
{
    const struct raw_header *via = raw_find(&validated->raw, RAW_VIA);
    struct raw_text param, rest;
    const char *end;
    unsigned long long port;
    assert(via);
    if (via_has_param(via->value, "rport", &param, &end)) return 0;
    rest = via->value;
    for (unsigned slashes = 0; rest.length > 0 && slashes < 2; rest.at++, rest.length--) slashes += *rest.at == '/';
    (void)valid_via_word(&rest, NULL);
    bool bracketed = rest.length > 0 && *rest.at == '[';
    while (rest.length > 0 && *rest.at != ';' && (*rest.at != ':' || bracketed)) {
        bracketed = bracketed && *rest.at != ']';
        rest.at++, rest.length--;
    }
    if (!raw_take_character(&rest, ':') || !raw_number(raw_take_token(&rest), 65535, &port)) return 5060;
    return port == 0 ? 5060 : (unsigned)port;
}

/* Writes a refusal with the headers that it copies from the request. 0: the headers do not fit, and no answer is
 * sent. */
size_t validate_reply(const struct validated *validated, char *text, size_t size)
{
    const struct raw *raw = &validated->raw;
    int length = snprintf(text, size, "SIP/2.0 %u %s\r\n", validated->status, validated->phrase);
    assert(validated->judged == JUDGED_REFUSE && length > 0);
    size_t at = (size_t)length;
    for (unsigned i = 0; i < raw->count; i++) {
        struct raw_text line = raw->headers[i].line;
        if (raw->headers[i].kind > RAW_CSEQ) continue;
        if (at + line.length + 2 >= size) return 0;
        memcpy(text + at, line.at, line.length);
        memcpy(text + at + line.length, "\r\n", 2);
        at += line.length + 2;
    }
    length = snprintf(text + at, size - at, "Server: gcx\r\nContent-Length: 0\r\n\r\n");
    return at + (size_t)length < size ? at + (size_t)length : 0;
}

static uint64_t branch_mix(uint64_t hash, struct raw_text text)
{
    for (size_t i = 0; i < text.length; i++) hash = (hash ^ (unsigned char)text.at[i]) * UINT64_C(1099511628211);
    return hash;
}

/* Makes a branch for a request without one. The branch is a hash of what stays the same when the request is repeated,
 * so a repetition finds its transaction. */
void validate_branch(const struct validated *validated, char branch[BRANCH_SIZE])
{
    const struct raw *raw = &validated->raw;
    uint64_t hash = UINT64_C(14695981039346656037);
    struct raw_text cseq = raw_find(raw, RAW_CSEQ)->value;
    hash = branch_mix(hash, raw_take_token(&cseq));
    hash = branch_mix(hash, raw_find(raw, RAW_CALL_ID)->value);
    hash = branch_mix(hash, raw_find(raw, RAW_FROM)->value);
    snprintf(branch, BRANCH_SIZE, ";branch=z9hG4bK2543%016llx", (unsigned long long)hash);
}
