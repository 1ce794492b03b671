/* runtime/adapters/email/imap.c - Reads the responses of an IMAP server byte by byte.
 *
 * A response is a line, in which a literal {1234} may stand for that many bytes after it. The reader goes through
 * `held`: to the line's end, or to the end of a literal; when a line ends without another literal the response is
 * complete and is returned as `said`. The literal with the mail is kept, other literals and those that are too large
 * are skipped; in the line, the character MARK stands for each literal. */
#include "runtime/adapters/email/imap.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MARK = 1 };

struct imap {
    size_t mail_max;
    GString *line;    /* the line of the response that is being read, without its mail */
    GString *held;    /* bytes that came and were not read yet, after a complete response */
    size_t held_at;   /* how many bytes of `held` were read */
    uint64_t literal; /* bytes of the literal that are still to come */
    bool keeps;       /* the literal is to be kept as the mail */
    bool whole;       /* `said` was returned: the next call begins a new response */
    struct imap_said said;
};

struct imap *imap_new(size_t mail_max)
{
    struct imap *imap = memory_zeroed(1, sizeof *imap);
    imap->mail_max = mail_max;
    imap->line = g_string_new(NULL);
    imap->held = g_string_new(NULL);
    return imap;
}

void imap_free(struct imap *imap)
{
    if (!imap) return;
    g_string_free(imap->line, TRUE);
    g_string_free(imap->held, TRUE);
    free(imap->said.mail);
    free(imap);
}

void imap_feed(struct imap *imap, const char *bytes, size_t length)
{
    assert(imap->held_at <= imap->held->len);
    g_string_erase(imap->held, 0, (gssize)imap->held_at);
    imap->held_at = 0;
    g_string_append_len(imap->held, bytes, (gssize)length);
}

static void imap_line_begin(struct imap *imap)
{
    g_string_truncate(imap->line, 0);
    free(imap->said.mail);
    imap->said = (struct imap_said){0};
    imap->whole = false;
}

static void add_to_line(struct imap *imap, const char *bytes, size_t length)
{
    size_t room = IMAP_LINE_MAX - MIN(imap->line->len, IMAP_LINE_MAX), from = imap->line->len;
    g_string_append_len(imap->line, bytes, (gssize)MIN(length, room));
    for (size_t i = from; i < imap->line->len; i++)
        if ((guchar)imap->line->str[i] < 0x20) imap->line->str[i] = '?';
}

/* True: the line is a status response, whose text may end in braces; only responses with data have literals. */
static bool is_sentence(const char *line)
{
    static const char *const words[] = {"* OK ", "* NO ", "* BAD ", "* BYE ", "* PREAUTH "};
    if (line[0] != '*' || line[1] != ' ') return true;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strncasecmp(line, words[i], strlen(words[i])) == 0) return true;
    return false;
}

/* Does a literal follow the line, whose end is "{1234}"? */
static bool literal_follows(struct imap *imap)
{
    assert(imap->literal == 0); /* the literal before this line was read to its end */
    GString *line = imap->line;
    const char *brace = line->len > 2 && line->str[line->len - 1] == '}' ? strrchr(line->str, '{') : NULL;
    char *end = NULL;
    if (!brace || !g_ascii_isdigit(brace[1]) || is_sentence(line->str)) return false;
    imap->literal = g_ascii_strtoull(brace + 1, &end, 10);
    if (end != line->str + line->len - 1) {
        imap->literal = 0;
        return false;
    }
    g_string_truncate(line, (gsize)(brace - line->str));
    g_string_append_c(line, MARK);
    imap->keeps = !imap->said.mail && imap->literal <= imap->mail_max;
    if (imap->keeps) imap->said.mail = memory_zeroed((size_t)imap->literal + 1, 1);
    return true;
}

static void take_literal(struct imap *imap, const char *bytes, size_t some)
{
    assert(some <= imap->literal);
    if (imap->keeps) {
        memcpy(imap->said.mail + imap->said.length, bytes, some);
        imap->said.length += some;
    }
    imap->literal -= some;
    imap->held_at += some;
}

/* Reads all bytes that have come; the state between two calls is in `line`, `literal` and `whole`. */
bool imap_next(struct imap *imap, struct imap_said **said)
{
    assert(imap->held_at <= imap->held->len);
    if (imap->whole) imap_line_begin(imap);
    while (imap->held_at < imap->held->len) {
        const char *at = imap->held->str + imap->held_at;
        size_t left = imap->held->len - imap->held_at;
        if (imap->literal > 0) {
            take_literal(imap, at, (size_t)MIN(imap->literal, left));
            continue;
        }
        const char *end = memchr(at, '\n', left);
        size_t length = end ? (size_t)(end - at) : left;
        imap->held_at += length + (end ? 1 : 0);
        /* a carriage return is read together with the byte after it */
        if (!end && at[length - 1] == '\r') length--, imap->held_at--;
        bool waits = !end && length == 0;
        add_to_line(imap, at, end && length > 0 && at[length - 1] == '\r' ? length - 1 : length);
        if (waits) break;
        if (!end || literal_follows(imap)) continue;
        imap->said.text = imap->line->str;
        imap->whole = true;
        *said = &imap->said;
        return true;
    }
    return false;
}

/* ---- content of a response ---- */

/* Returns the place after one value: a word, a quoted text, a literal, or a list of values. */
static const char *value_end(const char *at)
{
    size_t level = 0;
    do {
        at += strspn(at, " ");
        if (*at == '"') {
            for (at++; *at && *at != '"'; at++)
                if (*at == '\\' && at[1]) at++;
            if (*at) at++;
        } else if (*at == '(')
            level++, at++;
        else if (*at == ')') {
            if (level == 0) return at;
            level--, at++;
        } else if (*at == MARK)
            at++;
        else
            at += strcspn(at, " ()\"\001");
    } while (level > 0 && *at);
    return at;
}

static void take_flags(struct imap_mail *mail, const char *at, const char *end)
{
    for (; at < end; at++) {
        if (g_ascii_strncasecmp(at, "\\Seen", 5) == 0) mail->seen = true;
        if (g_ascii_strncasecmp(at, IMAP_TRY, strlen(IMAP_TRY)) != 0) continue;
        unsigned tries = (unsigned)at[strlen(IMAP_TRY)] - '0';
        if (tries <= IMAP_TRIES_MAX && tries > mail->tries) mail->tries = tries;
    }
}

static void take_item(struct imap_mail *mail, const char *name, size_t length, const char *at, const char *end)
{
    if (length == 3 && g_ascii_strncasecmp(name, "UID", 3) == 0)
        mail->uid = (uint32_t)strtoul(at, NULL, 10);
    else if (length == 5 && g_ascii_strncasecmp(name, "FLAGS", 5) == 0)
        take_flags(mail, at, end);
    else if (length == 11 && g_ascii_strncasecmp(name, "RFC822.SIZE", 11) == 0)
        mail->size = g_ascii_strtoull(at, NULL, 10);
    else if (length == 6 && g_ascii_strncasecmp(name, "BODY[]", 6) == 0) {
        mail->body = true;
        if (*at != '"' || end - at < 2) return;
        mail->quoted = at + 1;
        mail->quoted_length = (size_t)(end - at) - 2;
    }
}

/* Reads a FETCH response. Items come in any order, and unknown ones of the server are skipped. */
bool imap_fetched(const struct imap_said *said, struct imap_mail *mail)
{
    const char *at = said->text;
    *mail = (struct imap_mail){0};
    if (at[0] != '*' || at[1] != ' ') return false;
    at += 2 + strspn(at + 2, "0123456789");
    if (g_ascii_strncasecmp(at, " FETCH (", 8) != 0) return false;
    at += 8;
    while (*at && *at != ')') {
        at += strspn(at, " ");
        const char *name = at;
        at += strcspn(at, " ()\"\001");
        size_t length = (size_t)(at - name);
        at += strspn(at, " ");
        const char *end = value_end(at);
        take_item(mail, name, length, at, end);
        if (end == name) break; /* a parenthesis too many */
        at = end + strspn(end, " ");
    }
    return mail->uid != 0;
}

int imap_found(const struct imap_said *said, uint32_t *uids, int max)
{
    const char *at = said->text;
    int count = 0;
    if (g_ascii_strncasecmp(at, "* SEARCH", 8) != 0) return -1;
    at += 8;
    while (*at == ' ' && count < max) {
        char *end;
        unsigned long uid = strtoul(at, &end, 10);
        /* in a cut line the last number may be incomplete */
        bool whole = *end != 0 || strlen(said->text) < IMAP_LINE_MAX;
        if (end == at) break;
        if (uid > 0 && uid <= UINT32_MAX && whole) uids[count++] = (uint32_t)uid;
        at = end;
    }
    return count;
}

uint32_t imap_number(const struct imap_said *said, const char *word)
{
    const char *at = strstr(said->text, word);
    return at ? (uint32_t)strtoul(at + strlen(word), NULL, 10) : 0;
}
