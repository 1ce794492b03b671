/* runtime/vocabulary/hidden.c - A walk through pairs beside the names of what is secret. */
#include "runtime/vocabulary/hidden.h"

#include "runtime/vocabulary/message.h"

static bool is_named(struct span names, struct span key)
{
    struct span name;
    bool found = false;
    for (uint32_t at = 0; !found && message_next_text(names, &at, &name);) found = span_equal(name, key);
    return found;
}

static void copy(struct span names, struct span pairs, bool all, bool outermost, struct kv *to)
{
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(pairs, &at, &pair);) {
        bool hides = all || (!outermost && is_named(names, pair.key));
        if (pair.value.tag == KV_LIST) {
            kv_list_begin(to, pair.key);
            copy(names, pair.value.span, hides, false, to);
            kv_list_end(to);
        } else {
            pair.value.secret = pair.value.secret || hides;
            kv_put(to, pair.key, &pair.value);
        }
    }
}

/* The outermost pair is the answer itself: no field, whatever it is called. */
void hidden_copy(struct span names, struct span pairs, struct kv *to)
{
    copy(names, pairs, is_named(names, span_of("")), true, to);
}
