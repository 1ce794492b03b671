/* compiler/import/heard.c - Writes blocks that the caller hears: prompts, sounds, menus, digits, recordings.
 *
 *     texts         ivr.say("...")           read out by a voice
 *     recordings    ivr.play(prompt NAME)    NAME is declared in the site; neighbours are one prompt
 *     a question    ivr.menu, ivr.digits     with one prompt: its text, or the name of all its recordings
 *
 * The recordings themselves are not imported. Each declared prompt has a remark that its recordings must be
 * supplied, and its documentation names the files. */
#include <string.h>

#include "compiler/import/number.h"
#include "compiler/import/writer.h"

/* ---- prompts ---- */

static const char *prompt_part(const struct flow_value *prompt, const char *name)
{
    const struct flow_value *part = flow_find(prompt->parts, name);
    return part ? part->value : "";
}

/* Is the prompt a text to be read out? `interpretAs` decides where it is given; else the type of the prompt does. */
static bool prompt_is_text(const struct flow_value *prompt)
{
    static const char *const texts[] = {"Value", "Text", "Variable"};
    const char *as = prompt_part(prompt, "interpretAs"), *type = prompt_part(prompt, "type");
    bool text = *as && strcmp(as, "Audio") != 0;
    for (size_t i = 0; !*as && i < sizeof texts / sizeof *texts; i++) text = text || strcmp(texts[i], type) == 0;
    return text;
}

/* Is the prompt's text plain words that can be read out as they are, and no expression? */
static bool prompt_is_words(const char *text)
{
    return strchr(text, ' ') && !text[strcspn(text, "()[]{}'\"+=*/\\<>|&_;$")];
}

/* Returns the text of a prompt; bad where it is an expression that is not translated. */
static struct import_said prompt_text(struct flow_writer *w, struct flow_block *block, const struct flow_value *prompt)
{
    const char *value = prompt_part(prompt, "value"), *as = prompt_part(prompt, "interpretAs");
    struct import_said said = expression_text(w, value);
    if (!said.good && prompt_is_words(value)) said = said_literal(w, value);
    if (*as && strcmp(as, "Text") != 0 && strcmp(as, "Audio") != 0)
        import_remark(w, block, FLOW_REMARK, "%s is read out as %s there, and as a text here", value, as);
    if (!said.good || said_is_none(said)) said.good = false;
    return said;
}

/* Returns the recording's file name without the source's folders, which mean nothing here. */
static const char *prompt_recording(const struct flow_value *prompt)
{
    const char *value = prompt_part(prompt, "value"), *slash = strrchr(value, '/');
    return slash ? slash + 1 : value;
}

/* Declares a prompt of the site for recordings of the block; a second one gets a number after the block's name. */
static const char *prompt_declared(struct flow_writer *w, struct flow_block *block, unsigned number, const char *doc)
{
    const char *name = number > 1 ? arena_printf(w->arena, "%s %u", block->name, number) : block->name;
    FLOW_EACH(prompt, block->values, "prompts")
    {
        const char *type = prompt_part(prompt, "type"), *value = prompt_part(prompt, "value");
        if (!prompt_is_text(prompt) && *value && (strcmp(type, "Variable") == 0 || strcmp(type, "Value") == 0))
            import_remark(w, block, FLOW_REMARK, "not translated: it plays what %s names", value);
    }
    import_remark(w, block, FLOW_REMARK, "the recordings of prompt %s are to be placed", name);
    return site_declare(w->import, "prompt", name, doc);
}

/* Returns the prompt of a step that asks the caller: all its recordings, or one text if it has texts alone. */
static const char *block_prompt(struct flow_writer *w, struct flow_block *block)
{
    const char *doc = "", *text = "", *untold = "";
    unsigned texts = 0, recordings = 0;
    FLOW_EACH(prompt, block->values, "prompts")
    {
        if (!*prompt_part(prompt, "value")) continue;
        if (!prompt_is_text(prompt)) {
            recordings++;
            if (strlen(doc) < 300)
                doc = arena_printf(w->arena, "%s%s%s", doc, *doc ? ", " : "", prompt_recording(prompt));
            continue;
        }
        struct import_said said = prompt_text(w, block, prompt);
        const char *as = said.good ? said_shown(w, said) : NULL;
        import_write_guards(w);
        if (strlen(untold) < 300)
            untold = arena_printf(w->arena, "%s%s%s", untold, *untold ? ", " : "", prompt_part(prompt, "value"));
        if (!as || strlen(text) > 1000) {
            recordings++; /* gcx cannot express the text: a prompt of the site replaces it */
            continue;
        }
        text = arena_printf(w->arena, said.within ? "%s%s%s" : "%s%s{%s}", text, *text ? " " : "",
                            said.within ? said.within : as);
        texts++;
    }
    if (texts > 0 && recordings == 0) return arena_printf(w->arena, "\"%s\"", text);
    if (*untold)
        import_remark(w, block, FLOW_REMARK, "not translated: the prompt %s also says %s", block->name, untold);
    return arena_printf(w->arena, "prompt %s", prompt_declared(w, block, 1, doc));
}

/* Writes a prompt; a failed prompt does not end the call: without another path the step has `else {}`. */
void import_write_prompt_block(struct flow_writer *w, struct flow_block *block)
{
    const char *otherwise = block_else(w, block, false), *doc = "";
    unsigned number = 0;
    if (!*otherwise) otherwise = "else {}";
    for (const struct flow_value *prompt = flow_find(block->values, "prompts"), *next; prompt; prompt = next) {
        const char *value = prompt_part(prompt, "value");
        next = flow_find(prompt->next, "prompts");
        if (!*value) continue;
        if (!prompt_is_text(prompt)) { /* recordings that follow each other become one prompt */
            if (strlen(doc) < 300)
                doc = arena_printf(w->arena, "%s%s%s", doc, *doc ? ", " : "", prompt_recording(prompt));
            if (next && *prompt_part(next, "value") && !prompt_is_text(next)) continue;
            const char *declared = prompt_declared(w, block, ++number, doc);
            fprintf(w->out, "ivr.play(prompt %s) %s;\n", declared, otherwise);
            if (!block->played) block->played = arena_printf(w->arena, "ivr.play(prompt %s)", declared);
            doc = "";
            continue;
        }
        struct import_said said = prompt_text(w, block, prompt);
        const char *text = said.good ? said_shown(w, said) : NULL;
        import_write_guards(w);
        if (text) {
            fprintf(w->out, "ivr.say(%s) %s;\n", text, otherwise);
            if (!block->played) block->played = "ivr.say";
            continue;
        }
        import_remark_line(w->out, "not translated: ", value);
        import_remark(w, block, FLOW_REMARK, "not translated: it says %s", value);
    }
    block_on(w, block, "");
}

/* A sound without a length in the source lasts 30 seconds here, so that the flow continues. */
void import_write_sound_block(struct flow_writer *w, struct flow_block *block)
{
    static const char *const tones[][2] = {
        {"RingBack", "ringback"}, {"Busy", "busy"}, {"FastBusy", "fast_busy"}, {"Silence", "silence"}};
    bool expression;
    const char *type = flow_text(w->arena, block->values, "soundType", &expression), *tone = NULL;
    const char *so_long = block_seconds(w, block->values, "duration", ""), *otherwise = block_else(w, block, false);
    if (!*so_long) {
        so_long = "30s";
        import_remark(w, block, FLOW_REMARK, "how long it sounds is not said: 30 seconds");
    }
    for (size_t i = 0; i < sizeof tones / sizeof *tones; i++)
        if (strcmp(tones[i][0], type) == 0) tone = tones[i][1];
    if (!*otherwise) otherwise = "else {}";
    if (tone)
        fprintf(w->out, "ivr.tone(%s, %s) %s;\n", tone, so_long, otherwise);
    else
        fprintf(w->out, "ivr.music(prompt %s, %s) %s;\n",
                prompt_declared(w, block, 1, flow_text(w->arena, block->values, "resource", &expression)), so_long,
                otherwise);
    block_on(w, block, "");
}

/* ---- asking ---- */

/* Returns the number of attempts: the first one, and as many more as the block allows. */
static long long block_tries(struct flow_writer *w, struct flow_block *block)
{
    bool expression;
    const char *retries = flow_text(w->arena, block->values, "numberOfRetriesAllowed", &expression);
    long long again;
    if (number_read(retries, strlen(retries), 99, &again)) return 1 + again;
    if (*retries) import_remark(w, block, FLOW_REMARK, "it asks once here, and %s times again there", retries);
    return 1;
}

/* Reports that the time for the first key differs: in the source it is per attempt, in gcx a step's time covers all
 * attempts. */
static void block_key_time(struct flow_writer *w, struct flow_block *block)
{
    bool expression;
    const char *time = flow_text(w->arena, block->values, "timeout", &expression);
    if (*time)
        import_remark(w, block, FLOW_REMARK,
                      "not translated: timeout=%s, the time for a key after the prompt, which is "
                      "the switch's own here",
                      time);
}

/* Returns the `else` for when all attempts have failed: by silence, by a wrong key, by an error. */
static const char *block_asked_else(struct flow_writer *w, struct flow_block *block)
{
    uint32_t none = flow_failure(block, "noinput"), wrong = flow_failure(block, "nomatch"),
             error = flow_failure(block, "error");
    uint32_t any = none != FLOW_NOWHERE ? none : wrong != FLOW_NOWHERE ? wrong : error;
    if (any == FLOW_NOWHERE) {
        import_remark(w, block, FLOW_REMARK,
                      "not drawn: where it leads when the caller keys nothing, or something else");
        return block_else(w, block, true);
    }
    if (none == FLOW_NOWHERE || wrong == FLOW_NOWHERE)
        import_remark(w, block, FLOW_REMARK, "not drawn: %s, which goes the way of %s here",
                      none == FLOW_NOWHERE ? wrong == FLOW_NOWHERE ? "noinput and nomatch" : "noinput" : "nomatch",
                      any == none    ? "noinput"
                      : any == wrong ? "nomatch"
                                     : "error");
    if (none == FLOW_NOWHERE) none = any;
    if (wrong == FLOW_NOWHERE) wrong = any;
    if (error == FLOW_NOWHERE) error = wrong;
    if (none == wrong && wrong == error) return way_else(w, none, true);
    const char *first = way_to(w, none, true), *second = way_to(w, wrong, true);
    if (wrong == error)
        return arena_printf(w->arena, "else e { segment e.reason { no_input, timeout -> { %s } else -> { %s } } }",
                            first, second);
    return arena_printf(w->arena,
                        "else e { segment e.reason { no_input, timeout -> { %s } invalid -> { %s } else -> { %s } } }",
                        first, second, way_to(w, error, true));
}

/* Returns the number of digits in the property `name` if it is a literal; else 0. */
static long long block_digits(struct flow_writer *w, struct flow_block *block, const char *name)
{
    bool expression;
    const char *text = flow_text(w->arena, block->values, name, &expression);
    long long digits;
    if (!*text) return 0;
    if (number_read(text, strlen(text), 99, &digits) && digits > 0) return digits;
    import_remark(w, block, FLOW_REMARK, "not translated: %s=%s", name, text);
    return 0;
}

/* Writes a block that asks for digits; two families of blocks name their properties differently, so both names are
 * tried. */
void import_write_digits_block(struct flow_writer *w, struct flow_block *block)
{
    bool expression;
    const char *said = block_ident(w, block, "digits"), *rest = "";
    long long least = block_digits(w, block, "minimumInputDigits"), most = block_digits(w, block, "maximumInputDigits");
    if (most == 0) most = block_digits(w, block, "numDigits");
    if (most > 0 && least > most) {
        import_remark(w, block, FLOW_REMARK, "not translated: at least %lld digits, which nobody can key", least);
        least = 0;
    }
    const char *end = flow_text(w->arena, block->values, "terminationDigits", &expression);
    if (strlen(end) == 1 && strchr("*#", *end))
        rest = arena_printf(w->arena, ", end: \"%s\"", end);
    else if (*end)
        import_remark(w, block, FLOW_REMARK, "not translated: terminationDigits=%s", end);
    const char *gap = block_seconds(w, block->values, "interDigitTimeout", "");
    if (!*gap) gap = block_seconds(w, block->values, "digitTimeout", "");
    if (*gap) rest = arena_printf(w->arena, "%s, gap: %s", rest, gap);
    if (most > 0) rest = arena_printf(w->arena, ", max: %lld%s", most, rest);
    if (least > 0) rest = arena_printf(w->arena, ", min: %lld%s", least, rest);
    block_key_time(w, block);
    fprintf(w->out, "let %s = ivr.digits(%s%s) tries %lld %s;\n", said, block_prompt(w, block), rest,
            block_tries(w, block), block_asked_else(w, block));
    struct import_said digits = {.good = true, .type = SAID_STR, .text = said, .narrow = true};
    block_result(w, block, "outputResult", digits);
    block_result(w, block, "collectedDigitsVariable", digits);
    block_on(w, block, "");
}

static bool menu_is_option(const struct flow_value *value)
{
    return strcmp(value->name, "menuOptions") == 0 || strcmp(value->name, "repeatMenuOption") == 0;
}

/* Returns the key that the caller presses for this entry of the menu, also for the entry "repeat"; NULL: the value
 * is no entry. */
static const char *menu_key(const struct flow_value *option)
{
    if (!menu_is_option(option)) return NULL;
    *option->read = true;
    const struct flow_value *key = flow_find(option->parts, "dtmf");
    bool good = key && strlen(key->value) == 1 && strchr("0123456789*#", *key->value);
    return good ? key->value : NULL;
}

/* Writes the statements of a menu's option, and the jump to where the option leads. */
static void menu_option(struct flow_writer *w, struct flow_block *block, const struct flow_value *option,
                        const char *chosen)
{
    const struct flow_value *name = flow_find(option->parts, "name"), *back = flow_find(option->parts, "returnValue"),
                            *act = flow_find(option->parts, "postAction");
    const char *key = menu_key(option), *result = back && *back->value ? back->value : name ? name->value : key;
    bool any, ended = false;
    fprintf(w->out, "if %s == \"%s\" {\n", chosen, key);
    block_result(w, block, "outputResult", said_literal(w, result));
    w->script_to = flow_exit_to(block, name ? name->value : "");
    if (act && *act->value && !import_write_script(w, act->value, &any, &ended))
        import_remark(w, block, FLOW_REMARK, "what follows option %s is not translated: %s", key, act->value);
    fprintf(w->out, "%s\n}\n", ended ? "" : way_to(w, w->script_to, true));
}

/* Writes a menu: the step returns the key. Then an `if` per option follows, in the order of the source; the option
 * that repeats the menu leads back to this block. A key with two options belongs to the first. */
void import_write_menu_block(struct flow_writer *w, struct flow_block *block)
{
    const char *chosen = block_ident(w, block, "key"), *map = "";
    bool keys[128] = {false};
    for (const struct flow_value *value = block->values; value; value = value->next) {
        const char *key = menu_key(value);
        if (!menu_is_option(value)) continue;
        if (!key || keys[(unsigned char)*key]) {
            const struct flow_value *name = flow_find(value->parts, "name");
            import_remark(w, block, FLOW_REMARK, "not translated: its option %s, which has no key of its own",
                          name ? name->value : "");
            continue;
        }
        keys[(unsigned char)*key] = true;
        map = arena_printf(w->arena, "%s%s\"%s\": \"%s\"", map, *map ? ", " : "", key, key);
    }
    if (!*map || w->linear) {
        import_remark(w, block, FLOW_LEFT, "its options have no keys, or stand beside a wait: ivr.menu takes keys");
        block_on(w, block, "");
        return;
    }
    block_key_time(w, block);
    fprintf(w->out, "let %s = ivr.menu(%s, [%s]) tries %lld %s;\n", chosen, block_prompt(w, block), map,
            block_tries(w, block), block_asked_else(w, block));
    for (const struct flow_value *value = block->values; value; value = value->next) {
        const char *key = menu_key(value);
        if (!key || !keys[(unsigned char)*key]) continue;
        keys[(unsigned char)*key] = false;
        if (strcmp(value->name, "repeatMenuOption") == 0)
            fprintf(w->out, "if %s == \"%s\" { %s }\n", chosen, key,
                    way_to(w, (uint32_t)(block - w->flow->blocks), true));
        else
            menu_option(w, block, value, chosen);
    }
    fprintf(w->out, "%s\n", way_end(w, arena_printf(w->arena, "%s: no option", block->name)));
}

void import_write_record_block(struct flow_writer *w, struct flow_block *block)
{
    const char *otherwise = block_else(w, block, false);
    fprintf(w->out, "ivr.record(%s, max: 1m) %s;\n", block_prompt(w, block), *otherwise ? otherwise : "else {}");
    block_on(w, block, "");
}
