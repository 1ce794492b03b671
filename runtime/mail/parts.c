/* runtime/mail/parts.c - Counts what would make GMime slow, before it sees the bytes; reads the bytes of a part. */
#include "runtime/mail/parts.h"

#include <assert.h>
#include <string.h>

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

/* The library takes a name of any bytes but controls and blanks, also of none. */
static size_t count_headers(const char *bytes, size_t length)
{
    size_t count = 0;
    const char *end = bytes + length;
    for (const char *at = bytes; at && at < end; at = memchr(at, '\n', (size_t)(end - at))) {
        if (*at == '\n') at++;
        while (at < end && (unsigned char)*at > ' ' && *at != ':') at++;
        while (at < end && (*at == ' ' || *at == '\t')) at++;
        count += at < end && *at == ':';
    }
    return count;
}

/* The library goes down a level, and compares lines with one more boundary, for each of these words. */
bool parts_may_be_parsed(const char *bytes, size_t length, const struct parts_bounds *bounds)
{
    assert(bounds->nestings > 0 && bounds->boundaries > 0);
    size_t nestings = count_fold(bytes, length, "multipart") + count_fold(bytes, length, "message/");
    if (nestings > bounds->nestings) return false;
    if (bounds->headers > 0 && count_headers(bytes, length) > bounds->headers) return false;
    return count_word(bytes, length, "\n--") * (nestings + 1) <= bounds->boundaries;
}

GByteArray *part_bytes(GMimePart *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GByteArray *bytes = g_byte_array_new();
    if (!content) return bytes;
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    g_mime_data_wrapper_write_to_stream(content, stream);
    g_object_unref(stream);
    return bytes;
}
