/* runtime/store/text.c - Texts from outside: cleans them, cuts them, or replaces them by a digest.
 *
 *     text_clean()      too long: cut between characters; no UTF-8: U+FFFD for the byte
 *     text_whole()      too long: refused, for half of it would be wrong
 *     text_external()   too long, or no UTF-8: its digest, for only equality counts
 *     text_digest()     "sha256:" and 64 digits; of a digest: itself
 *
 * The returned span is the text itself if nothing was changed, else a copy in `texts`: it is valid until
 * texts_free(). */
#include <sodium.h>
#include <string.h>

#include "runtime/store/state.h"
#include "runtime/vocabulary/bytes.h"
#include "base/utf8.h"

#include <assert.h>

static const char mark[] = "\xef\xbf\xbd"; /* U+FFFD */

void texts_free(struct texts *texts)
{
    for (unsigned i = 0; i < texts->count; i++) out_free(&texts->copies[i]);
    texts->count = 0;
}

static struct out *copy_new(struct texts *texts)
{
    assert(texts->count < TEXTS_MAX);
    return &texts->copies[texts->count++];
}

static struct span span_in(const struct out *out)
{
    return (struct span){(const uint8_t *)(out->bytes ? out->bytes : ""), (uint32_t)out->length};
}

/* A character has four bytes at most, so bytes after 4 * max are cut off first: a text of megabytes is not copied
 * for a name. */
struct span text_clean(struct texts *texts, struct span text, size_t max)
{
    if (text.length > 4 * max) text.length = (uint32_t)(4 * max); /* text beyond so many bytes is cut in any case */
    if (!bytes_are_utf8(text)) {
        struct out *out = copy_new(texts);
        out_text(out, "");
        for (uint32_t at = 0; at < text.length;) {
            uint32_t length = utf8_character(text.bytes + at, text.length - at);
            if (length > 0)
                out_put(out, (const char *)text.bytes + at, length);
            else
                out_text(out, mark);
            at += length > 0 ? length : 1;
        }
        text = span_in(out);
    }
    return (struct span){text.bytes, utf8_cut((const char *)text.bytes, text.length, (uint32_t)max)};
}

bool text_whole(struct texts *texts, struct span text, size_t max, const char *what, struct span *clean,
                struct error *error)
{
    if (text.length <= max) {
        *clean = text_clean(texts, text, 3 * max); /* the text may become longer by replacement characters */
        return true;
    }
    return error_set(error, ERROR_LIMIT, "%s has %u bytes, more than %zu", what, text.length, max);
}

struct span text_digest(struct texts *texts, struct span text)
{
    static const char before[] = "sha256:";
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[DIGEST_SIZE];
    size_t digits = sizeof before - 1;
    if (text.length == digits + DIGEST_SIZE - 1 && memcmp(text.bytes, before, digits) == 0) {
        while (digits < text.length && memchr("0123456789abcdef", text.bytes[digits], 16)) digits++;
        if (digits == text.length) return text;
    }
    crypto_hash_sha256(hash, text.bytes, text.length);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    struct out *out = copy_new(texts);
    out_format(out, "%s%s", before, hex);
    return span_in(out);
}

struct span text_external(struct texts *texts, struct span text)
{
    if (text.length <= STORE_EXTERNAL_MAX && bytes_are_utf8(text)) return text;
    return text_digest(texts, text);
}

struct span text_joined(struct texts *texts, struct span text, const char *between, const char *more, size_t max)
{
    struct out *out = copy_new(texts);
    out_format(out, "%.*s%s%.*s", (int)text.length, (const char *)text.bytes, between, (int)max, more);
    return span_in(out);
}

bool store_word_good(const char *word, const char *what, struct error *error)
{
    if (word && strlen(word) <= STORE_WORD_MAX && bytes_are_utf8(span_of(word))) return true;
    return error_set(error, ERROR_INPUT, "the %s is missing, longer than %d bytes, or no UTF-8", what, STORE_WORD_MAX);
}
