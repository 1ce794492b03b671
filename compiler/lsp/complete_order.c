/* compiler/lsp/complete_order.c - Puts the likeliest words first: those that the site's files have after the same
 * words.
 *
 *     expect routed to agent |      the word before the cursor, and the two before it, are looked for in all files that
 *                                   the document reads; what stands behind them there counts most, then what stands
 *                                   often in the document
 *
 * A word is a name or a number, a text in quotes, or a single sign. */
#include <string.h>

#include "compiler/lsp/complete.h"

enum { ORDER_AFTER_TWO = 200, ORDER_AFTER_ONE = 20, ORDER_MOST = 999999 };

struct order_word {
    const char *text;
    size_t length;
};

struct order_counts {
    struct typing *typing;
    struct order_word before[2]; /* the words before the cursor, the last one first */
    json_t *weights;             /* from each word to its weight */
};

/* Reads the next word at `*at`, which moves behind it; false at the end. Blanks and remarks are passed over. */
static bool order_next(const char *text, size_t length, size_t *at, struct order_word *word)
{
    size_t i = *at;
    while (i < length && (strchr(" \t\r\n", text[i]) || (text[i] == '/' && i + 1 < length && text[i + 1] == '/')))
        if (text[i] == '/')
            while (i < length && text[i] != '\n') i++;
        else
            i++;
    if (i >= length) return false;
    size_t begin = i++;
    if (text[begin] == '"')
        while (i < length && text[i] != '\n' && (text[i] != '"' || text[i - 1] == '\\')) i++;
    while (before_is_name_byte(text[begin]) && i < length && before_is_name_byte(text[i])) i++;
    if (text[begin] == '"' && i < length) i++;
    *at = i;
    bool whole = text[begin] != '"' && (text[begin] < '0' || text[begin] > '9');
    *word = (struct order_word){text + begin, whole ? i - begin : 1}; /* all texts count as equal */
    if (!whole && text[begin] != '"') word->text = "0";               /* and all numbers */
    return true;
}

static bool order_same(struct order_word a, struct order_word b)
{
    return a.length == b.length && a.length > 0 && memcmp(a.text, b.text, a.length) == 0;
}

static void order_weigh(struct order_counts *counts, struct order_word word, json_int_t weight)
{
    char key[WORD_LENGTH];
    if (word.length >= sizeof key || !before_is_name_byte(*word.text)) return;
    memcpy(key, word.text, word.length);
    key[word.length] = '\0';
    json_t *sum = json_object_get(counts->weights, key);
    if (sum)
        json_integer_set(sum, json_integer_value(sum) + weight);
    else
        json_object_set_new_nocheck(counts->weights, key, json_integer(weight));
}

static void order_count(struct order_counts *counts, const struct source *source)
{
    struct order_word word, last[2] = {{0}};
    bool own = source == counts->typing->analysis->source;
    uint32_t cursor = own ? counts->typing->at - source->base : UINT32_MAX;
    for (size_t at = 0; order_next(source->text, source->length, &at, &word);) {
        bool after_one = order_same(last[0], counts->before[0]);
        bool after_two = after_one && order_same(last[1], counts->before[1]);
        if (word.text != source->text + cursor) /* the word that is being typed tells nothing */
            order_weigh(counts, word, own + (after_one ? ORDER_AFTER_ONE : 0) + (after_two ? ORDER_AFTER_TWO : 0));
        last[1] = last[0];
        last[0] = word;
    }
}

/* Reads the words before the cursor. */
static void order_read_before(struct order_counts *counts)
{
    const struct source *source = counts->typing->analysis->source;
    size_t cursor = counts->typing->at - source->base, from = cursor, at;
    for (int lines = 0; from > 0 && lines < 3; from--) lines += source->text[from - 1] == '\n';
    struct order_word word;
    while (cursor > from && before_is_name_byte(source->text[cursor - 1])) cursor--;
    for (at = from; order_next(source->text, cursor, &at, &word);) {
        counts->before[1] = counts->before[0];
        counts->before[0] = word;
    }
}

void complete_said(struct typing *typing, const char *word)
{
    const struct program *program = typing->analysis->program;
    struct order_word wanted = {word, strlen(word)}, last = {0}, now;
    EACH_NODE (file, program->files) {
        const struct source *source = source_set_at(program->sources, file->span.begin);
        if (!source || source->built_in) continue;
        for (size_t at = 0; order_next(source->text, source->length, &at, &now); last = now) {
            bool name = before_is_name_byte(*now.text) && (*now.text < '0' || *now.text > '9');
            bool typed = source == typing->analysis->source && now.text <= source->text + (typing->at - source->base) &&
                         source->text + (typing->at - source->base) <= now.text + now.length;
            if (name && !typed && order_same(last, wanted))
                complete_offer(typing, arena_copy(typing->arena, now.text, now.length), ITEM_VALUE, word, NULL);
        }
    }
}

/* Equals keep the order in which they were offered, which is from near to far. */
void complete_sort(struct typing *typing)
{
    struct order_counts counts = {.typing = typing, .weights = json_object()};
    const struct program *program = typing->analysis->program;
    size_t i;
    json_t *item;
    order_read_before(&counts);
    EACH_NODE (file, program->files) {
        const struct source *source = source_set_at(program->sources, file->span.begin);
        if (source && !source->built_in) order_count(&counts, source);
    }
    json_array_foreach(typing->items, i, item)
    {
        const char *label = json_string_value(json_object_get(item, "label"));
        const char *word = label + (*label == '"');
        const char *key = arena_copy(typing->arena, word, strcspn(word, ". \""));
        json_int_t weight = json_integer_value(json_object_get(counts.weights, key));
        if (weight > ORDER_MOST) weight = ORDER_MOST;
        json_object_set_new(item, "sortText", json_sprintf("%06d%05d", ORDER_MOST - (int)weight, (int)i));
    }
    json_decref(counts.weights);
}
