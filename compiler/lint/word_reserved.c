/* compiler/lint/word_reserved.c - Finds a customer's answer that the adapter for short messages keeps to itself:
 * words by which customers leave a list, come back, or ask for help (reserved.def).
 *
 *     strategy answers on sms {
 *         segment (message else "") { match "^[Cc]ancel$" -> attach outcome = "cancelled"; else -> {} }
 *
 * The customer's text is the key `message`. Words of other languages are in the adapter's setting `languages`. */
#include <string.h>

#include "compiler/lint/lint.h"
#include "runtime/vocabulary/reserved.h"

enum { RESERVED_TEXT = 64 };

/* Sets the word that the alternative `from` of a pattern, up to a bar, matches. False: the alternative is more than
 * a plain word. */
static bool pattern_word(const char *from, size_t length, char word[RESERVED_TEXT])
{
    size_t count = 0;
    for (const char *at = from, *end = from + length; at < end; at++) {
        bool either = end - at >= 4 && at[0] == '[' && at[3] == ']' && (at[1] ^ at[2]) == ('a' ^ 'A');
        char letter = either ? at[1] : *at;
        if (strchr("[]{}()^$.*+?\\", letter) || count == RESERVED_TEXT - 1) return false;
        word[count++] = letter;
        if (either) at += 3;
    }
    word[count] = '\0';
    return true;
}

/* Reports a text that the adapter keeps; true. False: the adapter passes the text to the strategy. */
static bool look_at_word(struct lint *lint, const struct node *node, const char *word)
{
    static const char *const become[] = {[WORDS_STOP] = "takes the customer off the list",
                                         [WORDS_START] = "takes the customer onto the list",
                                         [WORDS_HELP] = "is a question for help"};
    enum words_meaning meaning = reserved_read(word, &(struct reserved_rules){0}, "");
    if (!reserved_is_kept(meaning)) return false;
    diag_hint(lint_report(lint, WORD_RESERVED, node->span, word, become[meaning]),
              "ask for another word, or make this one an answer by the adapter's setting `words` and allow L0209 here");
    return true;
}

/* Checks a pattern, which matches anywhere in a text. So an alternative is a whole message only between ^ and $: its
 * own, or those around the brackets of all alternatives. */
static void look_at_pattern(struct lint *lint, const struct node *node, const char *text)
{
    char word[RESERVED_TEXT];
    if (strncmp(text, "(?i)", 4) == 0) text += 4;
    size_t length = strlen(text);
    bool around = length > 4 && strncmp(text, "^(", 2) == 0 && strcmp(text + length - 2, ")$") == 0;
    const char *end = text + length - (around ? 2 : 0);
    if (around) text += 2;
    for (size_t count; text < end; text += count + 1) {
        count = strcspn(text, "|");
        if (count > (size_t)(end - text)) count = (size_t)(end - text);
        bool own = !around && count > 2 && text[0] == '^' && text[count - 1] == '$';
        if (!around && !own) continue;
        if (!pattern_word(text + own, count - 2 * (size_t)own, word) || look_at_word(lint, node, word)) return;
    }
}

/* Is the expression the text as it arrived, perhaps with changed case and without the blanks around it? */
static bool is_message(const struct lint *lint, const struct node *strategy, const struct node *node)
{
    switch (node->kind) {
    case NODE_NAME:
        if (strcmp(node->name.name.text, "message") == 0) return true;
        if (node->name.key) return false;
        EACH_IN (lint, strategy, let, NODE_LET)
            if (let->let.name.text == node->name.name.text)
                return let->span.begin < node->span.begin && !lint_is_written(lint, let->let.name) &&
                       is_message(lint, strategy, let->let.value);
        return false;
    case NODE_FALLBACK:
        return is_message(lint, strategy, node->fallback.value);
    case NODE_STEP:
        return is_message(lint, strategy, node->step.head);
    case NODE_CALL:
        if (node->call.callee->kind != NODE_NAME) return false;
        if (strcmp(node->call.callee->name.name.text, "text_lower") != 0 &&
            strcmp(node->call.callee->name.name.text, "text_trim") != 0)
            return false;
        EACH_NODE (argument, node->call.arguments) return is_message(lint, strategy, argument->arg.value);
        return false;
    default:
        return false;
    }
}

static bool strategy_is_on_sms(const struct node *strategy)
{
    EACH_NODE (medium, strategy->strategy.media)
        if (medium->kind == NODE_NAME && strcmp(medium->name.name.text, "sms") == 0) return true;
    return false;
}

static void look_at_segment(struct lint *lint, const struct node *segment)
{
    EACH_NODE (arm, segment->segment.arms)
        EACH_NODE (pattern, arm->arm.patterns) {
            if (pattern->kind == NODE_STRING) (void)look_at_word(lint, pattern, pattern->string.text.bytes);
            if (pattern->kind == NODE_MATCH) look_at_pattern(lint, pattern, pattern->match.text.bytes);
        }
}

void lint_word_reserved(struct lint *lint)
{
    EACH_OF (lint, strategy, NODE_STRATEGY) {
        if (!strategy_is_on_sms(strategy)) continue;
        EACH_IN (lint, strategy, segment, NODE_SEGMENT)
            if (is_message(lint, strategy, segment->segment.subject)) look_at_segment(lint, segment);
        EACH_IN (lint, strategy, binary, NODE_BINARY) {
            const struct node *left = binary->binary.left, *right = binary->binary.right;
            bool equal = binary->binary.op == SIGN_EQ || binary->binary.op == SIGN_NE;
            if (equal && right->kind == NODE_STRING && is_message(lint, strategy, left))
                (void)look_at_word(lint, right, right->string.text.bytes);
        }
    }
}
