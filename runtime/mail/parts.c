/* runtime/mail/parts.c - Counts what would make GMime slow, before it gets the bytes; decodes the bytes of a part.
 *
 * The library's time grows with the product of nestings, boundaries and headers, so a small mail made for this purpose
 * could take minutes. The bounds are checked by counting words in the bytes. A count of words may be too high, as when
 * a text only mentions "multipart", but never too low. */
#include "runtime/mail/parts.h"

#include <assert.h>
#include <string.h>

enum {
    WORDS_MAX = 20000000
}; /* at most so many bytes are searched for encoded words (struct heads); one pass over them takes some milliseconds */

void parts_begin(void)
{
    g_mime_init();
}

static size_t count_word(const char *bytes, size_t length, const char *word)
{
    size_t count = 0, size = strlen(word);
    const char *at = bytes, *end = bytes + length;
    while ((size_t)(end - at) >= size && (at = memchr(at, word[0], (size_t)(end - at) - size + 1)) != NULL) {
        if (g_ascii_strncasecmp(at, word, size) == 0) count++;
        at++;
    }
    return count;
}

static size_t count_fold(const char *bytes, size_t length, const char *word)
{
    char other[16];
    g_strlcpy(other, word, sizeof other);
    other[0] = g_ascii_toupper(other[0]);
    return count_word(bytes, length, word) + count_word(bytes, length, other);
}

/* What the headers of all parts cost the library. */
struct heads {
    size_t headers; /* lines that begin like a header; for the library a name has any bytes but controls and blanks, or
                     * is empty */
    size_t words;   /* bytes that the library searches for the ends of encoded words: from each `=?` to the next `?=` */
};

static void heads_count_words(struct heads *heads, const char *line, const char *next, size_t *open)
{
    char before = 0; /* the last byte but a backslash, which a quoted string may have between = and ? */
    for (const char *at = line; at < next; at++) {
        heads->words += *open;
        if (*at == '=' && at > line && at[-1] == '?') *open = 0;
        if (*at == '?' && before == '=') ++*open;
        if (*at != '\\') before = *at;
    }
}

/* Counts headers: they may be at the beginning and after each line that may be a boundary. Once a message within the
 * message is announced, headers may also follow any empty line. The bytes are gone through once; lines that cannot
 * be in a header are passed over. */
static struct heads heads_count(const char *bytes, size_t length)
{
    struct heads heads = {0};
    const char *end = bytes + length, *next;
    bool head = true, within = false;
    size_t open = 0; /* encoded words of this header that have not ended yet */
    for (const char *line = bytes; line < end; line = next) {
        const char *stop = memchr(line, '\n', (size_t)(end - line)), *at = line;
        next = stop ? stop + 1 : end;
        if (next - line > 2 && line[0] == '-' && line[1] == '-') head = true;
        if (!head) continue;
        if (*line == '\n' || (*line == '\r' && next - line == 2)) {
            head = within;
            continue;
        }
        size_t size = (size_t)(next - line);
        within = within || count_fold(line, size, "message") + count_fold(line, size, "digest") > 0;
        if (*line != ' ' && *line != '\t') open = 0;
        heads_count_words(&heads, line, next, &open);
        while (at < next && (unsigned char)*at > ' ' && *at != ':') at++;
        while (at < next && (*at == ' ' || *at == '\t')) at++;
        heads.headers += at < next && *at == ':';
    }
    return heads;
}

/* Does the mail stay within the bounds? For each word `multipart` or `message/` the library goes down a level, and
 * compares lines with one more boundary. False: the mail is kept as one file and not parsed. */
bool parts_may_be_parsed(const char *bytes, size_t length, const struct parts_bounds *bounds)
{
    assert(bounds->nestings > 0 && bounds->boundaries > 0 && bounds->headers > 0);
    size_t nestings = count_fold(bytes, length, "multipart") + count_fold(bytes, length, "message/");
    if (nestings > bounds->nestings) return false;
    struct heads heads = heads_count(bytes, length);
    if (heads.headers > bounds->headers || heads.words > WORDS_MAX) return false;
    return count_word(bytes, length, "\n--") * (nestings + 1) <= bounds->boundaries;
}

/* Does base64 follow the padding? True: another encoded text follows; false: plain text follows, such as one that a
 * server has added. */
static bool base64_goes_on(const char *text, const char *end)
{
    while (text < end && (g_ascii_isalnum(*text) || memchr("+/=\r\n", *text, 5))) text++;
    return text == end;
}

/* Decodes base64 in pieces, each up to its padding, because some programs join several encoded texts. */
void mail_base64_put(GByteArray *out, const char *text, size_t length)
{
    bool goes_on = false;
    if (length == 0) return; /* an empty text may be NULL */
    for (const char *end = text + length; text < end;) {
        const char *stop = memchr(text, '=', (size_t)(end - text));
        if (!stop) stop = end;
        gint state = 0;
        guint save = 0, before = out->len;
        g_byte_array_set_size(out, before + (guint)((size_t)(stop - text) / 4 * 3 + 6));
        gsize count = g_base64_decode_step(text, (gsize)(stop - text), out->data + before, &state, &save);
        if (state > 1) /* one character alone makes no byte */
            count += g_base64_decode_step("==", (gsize)(4 - state), out->data + before + count, &state, &save);
        g_byte_array_set_size(out, before + (guint)count);
        for (text = stop; text < end && *text == '=';) text++;
        /* checked once, for all the text that is left */
        if (stop < end && !goes_on && !(goes_on = base64_goes_on(text, end))) return;
    }
}

/* Removes blanks at the ends of lines, which were added in transport, also after the `=` of a line that continues
 * (RFC 2045, 6.7). */
static size_t transport_blanks_drop(char *text, size_t length)
{
    size_t kept = 0;
    for (size_t at = 0; at <= length; at++) {
        bool ends = at == length || text[at] == '\n' || (text[at] == '\r' && at + 1 < length && text[at + 1] == '\n');
        while (ends && kept > 0 && (text[kept - 1] == ' ' || text[kept - 1] == '\t')) kept--;
        if (at < length) text[kept++] = text[at];
    }
    return kept;
}

static void quoted_put(GByteArray *out, char *text, size_t length)
{
    GMimeEncoding decoder;
    g_mime_encoding_init_decode(&decoder, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    length = transport_blanks_drop(text, length);
    g_byte_array_set_size(out, (guint)g_mime_encoding_outlen(&decoder, length));
    g_byte_array_set_size(out, (guint)g_mime_encoding_flush(&decoder, text, length, (char *)out->data));
}

/* The decoded bytes of a part; the caller frees them. Bytes without an encoding are returned unchanged. */
GByteArray *part_bytes(GMimePart *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GByteArray *bytes = g_byte_array_new();
    if (!content) return bytes;
    GMimeContentEncoding coding = g_mime_data_wrapper_get_encoding(content);
    bool base64 = coding == GMIME_CONTENT_ENCODING_BASE64, quoted = coding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    if (base64 || quoted) /* raw bytes: the library drops base64 without padding, and does not join a line whose `=`
                           * is followed by a blank */
        g_mime_data_wrapper_set_encoding(content, GMIME_CONTENT_ENCODING_DEFAULT);
    g_mime_data_wrapper_write_to_stream(content, stream);
    g_object_unref(stream);
    if (!base64 && !quoted) return bytes;
    g_mime_data_wrapper_set_encoding(content, coding);
    GByteArray *meant = g_byte_array_new();
    if (base64)
        mail_base64_put(meant, (const char *)bytes->data, bytes->len);
    else
        quoted_put(meant, (char *)bytes->data, bytes->len);
    g_byte_array_free(bytes, TRUE);
    return meant;
}
