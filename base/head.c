/* base/head.c - Decides whether two readers may read the head of an HTTP request differently.
 *
 * A proxy before us and the library that we use may disagree about where a request ends; what is a body for one of
 * them is the next request for the other (request smuggling). So a request that can be read in two ways is refused
 * before the library reads it:
 *
 *     two Content-Lengths, two Hosts         which of them counts?
 *     Transfer-Encoding                      the library takes chunks that others refuse
 *     "Name : value", a lone CR or LF        does the header have another name, or the line another end?
 *
 * Each function returns NULL for a good head, or the sentence with which the request is refused. */
#include "base/head.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { LENGTH_DIGITS = 15 };

struct piece {
    const char *at;
    size_t length;
};

struct read { /* what has been read of a request: headers that may occur only once */
    unsigned hosts, lengths, origins;
    bool old;     /* HTTP/1.0 */
    bool brings;  /* the request's method has a body; evhttp would read a body after HEAD as the next request */
    bool has_any; /* Content-Length is not 0 */
};

static bool head_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool head_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 9110, 5.6.2 */
static bool is_token(struct piece text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!head_is_letter(text.at[i]) && !head_is_digit(text.at[i]) && !memchr("!#$%&'*+-.^_`|~", text.at[i], 15))
            return false;
    return text.length > 0;
}

static bool head_is_named(struct piece name, const char *wanted)
{
    return name.length == strlen(wanted) && strncasecmp(name.at, wanted, name.length) == 0;
}

static struct piece head_trimmed(struct piece text)
{
    while (text.length > 0 && (*text.at == ' ' || *text.at == '\t')) text.at++, text.length--;
    while (text.length > 0 && (text.at[text.length - 1] == ' ' || text.at[text.length - 1] == '\t')) text.length--;
    return text;
}

/* Is the text a host name or an address, with or without brackets, and perhaps a port? */
static bool is_host(struct piece host)
{
    for (size_t i = 0; i < host.length; i++)
        if (!head_is_letter(host.at[i]) && !head_is_digit(host.at[i]) && !memchr("-._:[]", host.at[i], 6)) return false;
    return host.length > 0;
}

static bool is_length(struct piece text, bool *any)
{
    for (size_t i = 0; i < text.length; i++) {
        if (!head_is_digit(text.at[i])) return false;
        *any |= text.at[i] != '0';
    }
    return text.length > 0 && text.length <= LENGTH_DIGITS;
}

/* Checks the request line, `POST /path HTTP/1.1`; the target must be a path, as nobody asks us for another server's
 * pages. */
static const char *first_wrong(struct piece line, struct read *read)
{
    static const char wrong[] = "The first line is no request.";
    const char *target = memchr(line.at, ' ', line.length), *version;
    if (!target || !is_token((struct piece){line.at, (size_t)(target - line.at)})) return wrong;
    target++;
    version = memchr(target, ' ', line.length - (size_t)(target - line.at));
    if (!version) return wrong;
    version++;
    if (*target != '/' && !(*target == '*' && version == target + 2)) return wrong;
    size_t method = (size_t)(target - 1 - line.at);
    read->brings = (method == 4 && memcmp(line.at, "POST", 4) == 0) || (method == 3 && memcmp(line.at, "PUT", 3) == 0);
    struct piece last = {version, line.length - (size_t)(version - line.at)};
    read->old = head_is_named(last, "HTTP/1.0");
    if (!read->old && !(last.length == 8 && memcmp(last.at, "HTTP/1.1", 8) == 0)) return wrong;
    return NULL;
}

static const char *header_wrong(struct piece line, struct read *read)
{
    const char *colon = memchr(line.at, ':', line.length);
    struct piece name = {line.at, colon ? (size_t)(colon - line.at) : 0};
    if (!is_token(name)) return "A header's name is none, or a blank stands before its colon.";
    struct piece value = head_trimmed((struct piece){colon + 1, line.length - name.length - 1});
    if (head_is_named(name, "Host")) {
        if (read->hosts++ > 0) return "There are two Hosts.";
        if (!is_host(value)) return "Host is none.";
    } else if (head_is_named(name, "Content-Length")) {
        if (read->lengths++ > 0) return "There are two Content-Lengths.";
        if (!is_length(value, &read->has_any)) return "Content-Length is no number.";
    } else if (head_is_named(name, "Transfer-Encoding")) {
        /* evhttp accepts malformed chunks (`+5`, or no end of line after the chunk), and headers after the chunks. */
        return "No Transfer-Encoding is taken: a body has a Content-Length.";
    } else if (head_is_named(name, "Origin")) {
        if (read->origins++ > 0) return "There are two Origins.";
    }
    return NULL;
}

static const char *both_wrong(const struct read *read)
{
    if (read->hosts == 0 && !read->old) return "There is no Host.";
    if (read->has_any && !read->brings) return "Only POST and PUT have a body.";
    return NULL;
}

/* Checks a head that has not fully come: a CR at its end may still get its LF with the next bytes. */
const char *head_wrong_so_far(const char *head, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        uint8_t c = (uint8_t)head[i];
        bool end = c == '\n' && i > 0 && head[i - 1] == '\r',
             half = c == '\r' && (i + 1 == length || head[i + 1] == '\n');
        if ((c < ' ' && c != '\t' && !end && !half) || c == 0x7f)
            return "A control character is in the head, or a line does not end with CR LF.";
    }
    return NULL;
}

size_t head_length(const char *bytes, size_t length)
{
    const char *end = memmem(bytes, length, "\r\n\r\n", 4);
    return end ? (size_t)(end + 4 - bytes) : 0;
}

/* Checks a whole head: `head` ends with the empty line. A request without a Host header is accepted only in
 * HTTP/1.0. */
const char *head_wrong(const char *head, size_t length)
{
    struct read read = {0};
    const char *wrong = head_wrong_so_far(head, length), *at = head, *end = head + length;
    for (bool first = true; !wrong && at < end; first = false) {
        const char *next = memchr(at, '\r', (size_t)(end - at));
        struct piece line = {at, (size_t)((next ? next : end) - at)};
        if (line.length == 0 && !first) break;
        wrong = first ? first_wrong(line, &read) : header_wrong(line, &read);
        at += line.length + 2;
    }
    return wrong ? wrong : both_wrong(&read);
}
