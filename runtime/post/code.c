/* runtime/post/code.c - Puts codes into texts. See code.h. */
#include "runtime/post/code.h"

#include <glib.h>
#include <string.h>

#include "runtime/store/store.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/message.h"

_Static_assert(sizeof VERIFY_DIGITS == STORE_CODE, "a code is as long as the place for it");
_Static_assert((int)VERIFY_TRIES_MAX == (int)STORE_TRIES_MAX, "the core counts as far as the contact store");

int64_t post_code_of(const struct message *effect)
{
    struct kv_value value;
    struct span headers = message_text(effect, SendMessage_headers);
    bool there = headers.length > 0 && kv_get(headers, VERIFY_CODE_OF, &value) && value.tag == KV_INT;
    return there ? (int64_t)value.word : 0;
}

char *post_code_text(struct store *store, int64_t code_of, int64_t now, const char *text, struct error *error)
{
    char code[STORE_CODE], *coded = g_strdup(text), *place = strstr(coded, VERIFY_DIGITS);
    bool good = place || error_set(error, ERROR_INPUT, "the text has no place for a code, " VERIFY_DIGITS);
    good = good && store_code_new(store, code_of, now, code, error);
    if (!good && (error->code == ERROR_STATE || error->code == ERROR_LIMIT)) error->code = ERROR_INPUT;
    if (good) memcpy(place, code, strlen(code));
    if (good) return coded;
    g_free(coded);
    return NULL;
}
