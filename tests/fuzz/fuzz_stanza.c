/* tests/fuzz/fuzz_stanza.c - Any bytes as a stream of XMPP, in pieces of any size: what is read is UTF-8 and bounded,
 * and is written so that it is read back as it was.
 *
 * The first byte: the size of the pieces. */
#include <glib.h>
#include <string.h>

#include "runtime/adapters/im/stanza.h"
#include "tests/fuzz/fuzz.h"

static unsigned measure(const struct stanza *stanza, unsigned depth)
{
    unsigned count = 1;
    MUST(depth <= STANZA_DEPTH && *stanza->name && g_utf8_validate(stanza->text->str, -1, NULL));
    MUST(stanza->text->len <= STANZA_BYTES + 4096);
    for (unsigned i = 0; i < stanza->children->len; i++) count += measure(stanza->children->pdata[i], depth + 1);
    return count;
}

static void see_id(void *self, const char *id)
{
    (void)self;
    MUST(g_utf8_validate(id, -1, NULL));
}

static void see_same(void *self, const struct stanza *stanza)
{
    const struct stanza *first = self;
    MUST(strcmp(stanza->text->str, first->text->str) == 0);
    MUST(strcmp(stanza_attribute(stanza, "a"), first->text->str) == 0);
}

static void see_end(void *self)
{
    (void)self;
}

/* Expat refuses what XML cannot have, so that a text that was read can be written. */
static void write_again(const struct stanza *stanza)
{
    char why[200];
    struct stanza_calls calls = {(void *)stanza, see_id, see_same, see_end};
    struct stanza_reader *reader = stanza_reader_new(&calls);
    GString *text = g_string_new("<s:stream xmlns:s='http://etherx.jabber.org/streams'><m");
    stanza_put_attribute(text, "a", stanza->text->str);
    g_string_append(text, ">");
    stanza_put_text(text, stanza->text->str);
    g_string_append(text, "</m>");
    if (stanza->text->len < STANZA_BYTES / 16) MUST(stanza_reader_feed(reader, text->str, text->len, why, sizeof why));
    stanza_reader_free(reader);
    g_string_free(text, TRUE);
}

static void see_stanza(void *self, const struct stanza *stanza)
{
    (void)self;
    MUST(measure(stanza, 1) <= STANZA_ELEMENTS + 1);
    write_again(stanza);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[200];
    struct stanza_calls calls = {NULL, see_id, see_stanza, see_end};
    if (size == 0) return 0;
    size_t piece = (size_t)data[0] + 1;
    struct stanza_reader *reader = stanza_reader_new(&calls);
    for (size_t at = 1; at < size; at += piece)
        if (!stanza_reader_feed(reader, (const char *)data + at, MIN(piece, size - at), why, sizeof why)) {
            MUST(*why);
            break;
        }
    stanza_reader_free(reader);
    return 0;
}
