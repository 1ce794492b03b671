/* vm/request.c - Checks and splits a URL in one pass (RFC 3986, sections 2 and 3): which characters are allowed
 * where.
 *
 *     https://crm.example/customers/{1}?lang={2}
 *     |      root        |   path      |  query |        {N}: the N-th argument of the call
 *
 * The root (scheme and host) has no placeholder, because no argument may determine which host is asked. A refusal is
 * a sentence for people, not a code; NULL means that everything is right. The text of a request is the URL on its
 * first line, then one name per argument. */
#include "vm/request.h"

#include <string.h>

static bool request_starts(struct request_text text, const char *with)
{
    size_t length = strlen(with);
    return text.length >= length && memcmp(text.bytes, with, length) == 0;
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool request_is_one_of(char c, const char *all)
{
    while (*all && *all != c) all++;
    return *all != '\0';
}

/* Returns the length of the root; 0: the URL has none, and the installation sets the host. */
uint32_t request_root(struct request_text url)
{
    uint32_t at = request_starts(url, "https://") ? 8 : request_starts(url, "http://") ? 7 : 0;
    if (at == 0) return 0;
    while (at < url.length && url.bytes[at] != '/' && url.bytes[at] != '?' && url.bytes[at] != '{') at++;
    return at;
}

/* Checks the host: a name, or an address in brackets, perhaps with a port. */
static const char *check_root(struct request_text url, uint32_t end)
{
    uint32_t at = request_starts(url, "https://") ? 8 : 7;
    if (at >= end) return "it names no host";
    for (; at < end; at++) {
        char c = url.bytes[at];
        if (c == '@') return "a name and password stand in the installation's configuration, not in the program";
        if (!is_letter_or_digit(c) && !request_is_one_of(c, ".-:[]")) return "this cannot stand in a host's name";
    }
    return end < url.length && url.bytes[end] == '{' ? "no argument decides which host is asked" : NULL;
}

/* Takes the next piece of the URL: a text and the argument after it, UINT32_MAX if none follows. The URL must have
 * been checked before. */
bool request_piece(struct request_text url, uint32_t *at, struct request_text *text, uint32_t *argument)
{
    *argument = UINT32_MAX;
    if (*at >= url.length) return false;
    *text = (struct request_text){url.bytes + *at, 0};
    while (*at < url.length && url.bytes[*at] != '{') ++*at, text->length++;
    if (*at == url.length) return true;
    uint32_t number = 0;
    for (++*at; *at < url.length && url.bytes[*at] >= '0' && url.bytes[*at] <= '9' && number <= REQUEST_ARGS_MAX; ++*at)
        number = number * 10 + (uint32_t)(url.bytes[*at] - '0');
    if (*at < url.length) ++*at; /* the brace */
    *argument = number - 1;
    return true;
}

/* Checks a URL; `in_url` and `in_path` get a bit per argument that it contains. Parts of a URL that are never sent,
 * and passwords, are refused. */
const char *request_url(struct http_request *request, uint32_t arguments)
{
    struct request_text url = request->url;
    uint32_t at = request_root(url);
    bool query = false;
    request->in_url = request->in_path = 0;
    if (url.length > REQUEST_URL_MAX) return "it is too long";
    if (at == 0 && !request_starts(url, "/"))
        return "it begins with https://, http://, or with / where the installation says the host";
    if (at == 0 && request_starts(url, "//")) return "it names a host without saying how it is asked";
    const char *wrong = at > 0 ? check_root(url, at) : NULL;
    for (; !wrong && at < url.length; at++) {
        char c = url.bytes[at];
        query = query || c == '?';
        if (c == '{') {
            uint32_t number = 0;
            for (at++; at < url.length && url.bytes[at] >= '0' && url.bytes[at] <= '9' && number <= REQUEST_ARGS_MAX;
                 at++)
                number = number * 10 + (uint32_t)(url.bytes[at] - '0');
            if (at >= url.length || url.bytes[at] != '}' || number < 1 || number > arguments ||
                number > REQUEST_ARGS_MAX)
                return "a placeholder stands for no argument";
            request->in_url |= UINT32_C(1) << (number - 1);
            if (!query) request->in_path |= UINT32_C(1) << (number - 1);
        } else if (c == '#') {
            return "what stands behind # is never sent";
        } else if (c == '%') {
            if (url.length - at < 3 || !is_hex(url.bytes[at + 1]) || !is_hex(url.bytes[at + 2]))
                return "behind % stand two hexadecimal digits";
        } else if (!is_letter_or_digit(c) && !request_is_one_of(c, "-._~:/?@!$&'()*+,;=")) {
            return "a character in it is to be written as % and two hexadecimal digits";
        }
    }
    return wrong;
}

static struct request_text request_next_line(struct request_text *rest)
{
    struct request_text line = {rest->bytes, 0};
    while (line.length < rest->length && rest->bytes[line.length] != '\n') line.length++;
    uint32_t taken = line.length < rest->length ? line.length + 1 : line.length;
    *rest = (struct request_text){rest->bytes + taken, rest->length - taken};
    return line;
}

/* Reads a request; without a body, an argument that is not in the URL would not be sent: it is refused. */
const char *request_read(struct request_text text, uint32_t arguments, bool body, struct http_request *request)
{
    if (arguments > REQUEST_ARGS_MAX) return "it has too many arguments";
    *request = (struct http_request){.url = request_next_line(&text), .count = arguments};
    const char *wrong = request_url(request, arguments);
    for (uint32_t i = 0; i < arguments && !wrong; i++) {
        request->names[i] = request_next_line(&text);
        if (request->names[i].length == 0) wrong = "an argument has no name";
        for (uint32_t before = 0; before < i && !wrong; before++)
            if (request->names[before].length == request->names[i].length &&
                memcmp(request->names[before].bytes, request->names[i].bytes, request->names[i].length) == 0)
                wrong = "two arguments have one name";
        if (!body && !wrong && !(request->in_url >> i & 1)) wrong = "an argument goes nowhere";
    }
    return wrong ? wrong : text.length > 0 ? "it goes on behind its arguments" : NULL;
}
