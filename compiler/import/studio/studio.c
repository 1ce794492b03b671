/* compiler/import/studio/studio.c - Writes the states of a Studio flow as statements.
 *
 *     gather-input-on-call   let key = ivr.digits(...) else "";  main_digits = key;  if key == "" { goto ... }
 *     split-based-on         if main_digits == "1" { goto ... }
 *     set-variables          team = "sales";
 *     enqueue-call           attach user_data["type"] = "bill";  switch to support;
 *     run-subflow            who_given = who(["caller": ani]);
 *
 * A flow that another one runs becomes a subroutine: it takes the parameters as a map, and returns a map of its
 * variables. Where a call comes to it, too, it is written twice.
 *
 * A variable that some state sets to an untranslated value is lost: all texts of this flow that read the variable are
 * quoted. */
#include "compiler/import/studio/studio.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/why.h"
#include "compiler/import/json.h"
#include "compiler/import/number.h"
#include "compiler/import/writer.h"

enum {
    STUDIO_STATES = 2000,
    STUDIO_VARIABLES = 500, /* the most variables of a flow: each lost variable causes a search through all of them */
    STUDIO_TEXT = 4000,
    STUDIO_DIGITS = 64,
    STUDIO_REPEATS = 1000 /* written for a text that Studio repeats without end */,
    STUDIO_RECORDED = 3600,
    STUDIO_OPERANDS = 50,
    STUDIO_RUNS = 16, /* how deep flows run each other */
    STUDIO_ARGUMENTS = 12
};

struct studio;

struct studio_file {
    const char *path, *bytes;
    json_t *value;
    struct studio *whole, *sub; /* the file's flow as a strategy, as a subroutine; NULL: it is not written so */
    const char *run_by;         /* the path of a flow that runs this one as a subroutine; NULL: none */
    unsigned looked;            /* the number of the last search that visited this file */
    struct studio_file *next;
};

struct studio_files {
    struct importer *import;
    struct studio_file *files, **end;
    unsigned searches;
};

/* What a flow keeps from one state to the next: a variable, the digits of a gather, the answer of a request. */
struct studio_kept {
    const char *ident, *begins;
    bool lost, digits;
    const struct studio *run; /* the subroutine whose answer it is; NULL: it is none */
};

/* A flow under way. */
struct studio {
    struct importer *import;
    struct arena *arena;
    const struct studio_file *file;
    struct flow *flow;
    struct flow_names ids;  /* the numbers of the blocks, by the name of the state */
    struct flow_names kept; /* each struct studio_kept, by its reference, such as flow.variables.team */
    const char *lets;
    bool sub;                   /* the flow is written as a subroutine */
    const char *end;            /* the statement that ends it */
    struct flow_names lost;     /* the parameters that a flow which runs this one passes untranslated */
    struct flow_names switches; /* the strategies to which the flow switches, and the subroutines that it calls */
    bool text;                  /* the strategy imports the module `text` */
};

typedef void studio_write(struct studio *, struct flow_block *, json_t *state, json_t *properties);

/* A text of the flow as an expression of type str. */
struct studio_value {
    bool good, constant;
    bool digits;       /* the value has only keys of a telephone */
    const char *text;  /* the expression */
    const char *plain; /* the text itself, where it is constant */
};

struct studio_files *studio_new(struct importer *import)
{
    struct studio_files *all = ARENA_NEW(import->arena, struct studio_files);
    all->import = import;
    all->end = &all->files;
    return all;
}

void studio_release(struct studio_files *all)
{
    for (struct studio_file *file = all ? all->files : NULL; file; file = file->next) json_decref(file->value);
}

/* Returns the member `definition`, which the API's answer has, or else the value itself. */
static json_t *studio_definition(const json_t *value)
{
    json_t *within = json_object_get(value, "definition");
    return json_is_object(within) ? within : (json_t *)value;
}

bool studio_knows(const json_t *value)
{
    const json_t *flow = studio_definition(value);
    return json_is_array(json_object_get(flow, "states")) && json_is_string(json_object_get(flow, "initial_state"));
}

static json_t *studio_states(const struct studio *s)
{
    return json_object_get(studio_definition(s->file->value), "states");
}

static size_t studio_variables(const json_t *value)
{
    size_t count = 0, i;
    json_t *state;
    json_array_foreach(json_object_get(studio_definition(value), "states"), i, state)
    {
        count += json_array_size(json_object_get(json_object_get(state, "properties"), "variables"));
    }
    return count;
}

bool studio_add(struct studio_files *all, const char *path, const char *bytes, json_t *value, char *why,
                size_t why_size)
{
    if (!studio_knows(value) || json_array_size(json_object_get(studio_definition(value), "states")) > STUDIO_STATES) {
        json_decref(value);
        return why_set(why, why_size, "it has no initial_state, or no states, of which there may be %d", STUDIO_STATES);
    }
    if (studio_variables(value) > STUDIO_VARIABLES) {
        json_decref(value);
        return why_set(why, why_size, "its states set more than %d variables", STUDIO_VARIABLES);
    }
    struct studio_file *file = ARENA_NEW(all->import->arena, struct studio_file);
    *file = (struct studio_file){.path = path, .bytes = bytes, .value = value};
    *all->end = file;
    all->end = &file->next;
    return true;
}

/* ---- ways ---- */

/* Returns the block to which the first transition of that event leads; for "" the target of the first transition that
 * leads to a block. */
static uint32_t studio_next(struct studio *s, const json_t *state, const char *event)
{
    size_t i;
    json_t *transition;
    json_array_foreach(json_object_get(state, "transitions"), i, transition)
    {
        uint32_t *number = flow_names_find(&s->ids, json_import_text(s->arena, transition, "next"));
        bool fits = !*event || strcmp(json_import_text(s->arena, transition, "event"), event) == 0;
        if (fits && number) return *number;
        if (fits && *event) return FLOW_NOWHERE;
    }
    return FLOW_NOWHERE;
}

static void studio_on(const struct studio *s, struct flow_block *block, enum given_form form, const char *exit,
                      uint32_t to)
{
    given_on(block, form, exit, to, s->end);
}

/* Writes the `else` of a step with the jump to `to`, where the event of the step's failure leads. */
static void studio_else(const struct studio *s, struct flow_block *block, const char *event, uint32_t to)
{
    given_say(block, "else { ");
    studio_on(s, block, GIVEN_FAILED, event, to);
    given_say(block, " };\n");
}

/* ---- values ---- */

static struct studio_kept *studio_keep(struct studio *s, const char *reference, const char *name, const char *begins)
{
    struct studio_kept *kept = flow_names_find(&s->kept, reference);
    if (kept) return kept;
    kept = ARENA_NEW(s->arena, struct studio_kept);
    *kept =
        (struct studio_kept){.ident = name_fresh(s->arena, s->flow->taken, &s->import->names, name), .begins = begins};
    flow_names_add(s->arena, &s->kept, reference, kept);
    s->lets = arena_printf(s->arena, "%slet %s%s;\n", s->lets, kept->ident, begins);
    return kept;
}

static const char *studio_type(struct studio *s, const json_t *state)
{
    return json_import_text(s->arena, state, "type");
}

/* Returns the subroutine that the state runs; NULL: it runs none, or a flow that is no subroutine. */
static const struct studio *studio_run(struct studio *s, const json_t *state)
{
    const char *sid = json_import_text(s->arena, json_object_get(state, "properties"), "flow_sid");
    if (!*sid || strcmp(studio_type(s, state), "run-subflow") != 0) return NULL;
    for (const struct studio_file *file = s->import->studio->files; file; file = file->next)
        if (strcmp(json_import_text(s->arena, file->value, "sid"), sid) == 0) return file->sub;
    return NULL;
}

/* Returns what a subflow has been given as {{trigger.parent.parameters.KEY}}, or what it has set, as
 * {{widgets.NAME.KEY}}; NULL: the reference is none of these, or is lost. */
static const char *studio_passed(struct studio *s, const char *path)
{
    static const char parameters[] = "trigger.parent.parameters.";
    const char *point = strrchr(path, '.'), *key = point ? point + 1 : "";
    if (s->sub && strncmp(path, parameters, sizeof parameters - 1) == 0) {
        key = path + sizeof parameters - 1;
        return *key && !strchr(key, '.') && !flow_names_find(&s->lost, key)
                   ? arena_printf(s->arena, "(given.get(%s) else \"\")", name_quoted(s->arena, key, true))
                   : NULL;
    }
    const struct studio_kept *kept =
        *key ? flow_names_find(&s->kept, arena_printf(s->arena, "%.*s.run", (int)(point - path), path)) : NULL;
    const struct studio_kept *set =
        kept ? flow_names_find(&kept->run->kept, arena_printf(s->arena, "flow.variables.%s", key)) : NULL;
    return set && !set->lost
               ? arena_printf(s->arena, "(%s.get(%s) else \"\")", kept->ident, name_quoted(s->arena, key, true))
               : NULL;
}

/* Returns the expression for the reference between {{ and }}; NULL: the reference is not translated. */
static const char *studio_reference(struct studio *s, const char *path, bool *digits)
{
    static const struct {
        const char *path, *form;
    } references[] = {
#define REFERENCE(path, form) {path, form},
#include "compiler/import/studio/studio.def"
    };
    const char *parsed = strstr(path, ".parsed.");
    *digits = false;
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (strcmp(references[i].path, path) == 0) return references[i].form;
    const struct studio_kept *kept = flow_names_find(&s->kept, path);
    if (kept && !kept->lost) {
        *digits = kept->digits;
        return kept->ident;
    }
    const char *passed = studio_passed(s, path);
    if (passed) return passed;
    if (!parsed || strchr(parsed + 8, '.') || !parsed[8]) return NULL;
    kept = flow_names_find(&s->kept, arena_copy(s->arena, path, (size_t)(parsed - path) + 7));
    return kept ? arena_printf(s->arena, "(%s.get(%s) else \"\")", kept->ident, name_quoted(s->arena, parsed + 8, true))
                : NULL;
}

static struct studio_value studio_value(struct studio *s, const char *text)
{
    struct studio_value value = {.constant = true, .plain = text};
    const char *said = "", *only = NULL;
    unsigned parts = 0;
    if (strlen(text) > STUDIO_TEXT || strstr(text, "{%")) return value;
    for (; *text; parts++) {
        const char *begin = strstr(text, "{{"), *end = begin ? strstr(begin, "}}") : NULL;
        size_t length = begin ? (size_t)(begin - text) : strlen(text);
        if (length > 0) {
            const char *piece = arena_copy(s->arena, text, length);
            said = arena_printf(s->arena, "%s%s", said, name_quoted(s->arena, piece, false));
            text += length;
            continue;
        }
        if (!end) return value;
        const char *path = begin + 2 + strspn(begin + 2, " \t");
        size_t size = (size_t)(end - path);
        while (size > 0 && (path[size - 1] == ' ' || path[size - 1] == '\t')) size--;
        value.constant = false;
        only = studio_reference(s, arena_copy(s->arena, path, size), &value.digits);
        if (!only) return value;
        said = arena_printf(s->arena, "%s{%s}", said, only);
        text = end + 2;
    }
    value.good = true;
    value.digits = value.digits && parts == 1;
    value.text = only && parts == 1 ? only : arena_printf(s->arena, "\"%s\"", said);
    return value;
}

/* ---- states ---- */

/* Writes the state's properties as remarks, and then the jump to the next state. */
static void studio_quote(struct studio *s, struct flow_block *block, json_t *state, json_t *properties, const char *why)
{
    const char *key;
    json_t *value;
    if (why) given_remark(block, FLOW_LEFT, "not translated: %s", why);
    json_object_foreach(properties, key, value)
    {
        const char *text = json_import_text(s->arena, properties, key);
        if (*text)
            import_remark_line(block->given->out, arena_printf(s->arena, "%.60s: ", key),
                               flow_shown(s->arena, key, text));
    }
    studio_on(s, block, GIVEN_FALL, "", studio_next(s, state, ""));
}

static void widget_left(struct studio *s, struct flow_block *block, json_t *state, json_t *properties)
{
    studio_quote(s, block, state, properties, NULL);
}

/* A state that sends a message is reported with the message's text and quoted, since a strategy for calls has no such
 * step. */
static void widget_message(struct studio *s, struct flow_block *block, json_t *state, json_t *properties)
{
    given_remark(block, FLOW_LEFT, "it sends: %.200s", json_import_text(s->arena, properties, "body"));
    studio_quote(s, block, state, properties, NULL);
}

static struct studio_file *studio_named(struct studio_files *all, const char *sid)
{
    for (struct studio_file *file = all->files; file; file = file->next)
        if (*sid && strcmp(json_import_text(all->import->arena, file->value, "sid"), sid) == 0) return file;
    return NULL;
}

/* Writes the subflow's parameters as remarks, and reports why the flow is not run. */
static void subflow_quote(struct studio *s, struct flow_block *block, json_t *state, json_t *properties)
{
    const char *sid = json_import_text(s->arena, properties, "flow_sid");
    const struct studio_file *file = studio_named(s->import->studio, sid);
    size_t i;
    json_t *one;
    if (!file)
        given_remark(block, FLOW_LEFT, "not translated: no file has the flow %s", sid);
    else
        given_remark(
            block, FLOW_LEFT,
            "not translated: the flow is %s, which runs itself, or hands the call over, or begins by no parent",
            file->path);
    json_array_foreach(json_object_get(properties, "parameters"), i, one)
    {
        const char *key = json_import_text(s->arena, one, "key");
        import_remark_line(block->given->out, arena_printf(s->arena, "given %.60s: ", key),
                           flow_shown(s->arena, key, json_import_text(s->arena, one, "value")));
    }
    studio_quote(s, block, state, properties, NULL);
}

static void widget_subflow(struct studio *s, struct flow_block *block, json_t *state, json_t *properties)
{
    const struct studio *run = studio_run(s, state);
    const struct studio_kept *kept = flow_names_find(&s->kept, arena_printf(s->arena, "widgets.%s.run", block->name));
    const char *given = "";
    size_t i;
    json_t *one;
    struct flow_names keys = {0};
    if (!run || !kept) {
        subflow_quote(s, block, state, properties);
        return;
    }
    json_array_foreach(json_object_get(properties, "parameters"), i, one)
    {
        const char *key = json_import_text(s->arena, one, "key");
        struct studio_value value = studio_value(s, json_import_text(s->arena, one, "value"));
        if (!value.good)
            given_remark(block, FLOW_REMARK, "not translated: the parameter %.60s", key);
        else if (*key && flow_names_add(s->arena, &keys, key, s))
            given = arena_printf(s->arena, "%s%s%s: %s", given, *given ? ", " : "", name_quoted(s->arena, key, true),
                                 value.text);
    }
    given_say(block, "%s = %s([%s]);\n", kept->ident, run->flow->ident, *given ? given : ":");
    block->given->calls = run->flow;
    flow_names_add(s->arena, &s->switches, run->flow->ident, s->flow);
    studio_on(s, block, GIVEN_FALL, "completed", studio_next(s, state, "completed"));
}

static void widget_trigger(struct studio *s, struct flow_block *block, json_t *state, json_t *properties)
{
    static const char *const others[] = {"incomingMessage", "incomingConversationMessage", "incomingRequest",
                                         "incomingParent"};
    uint32_t call = studio_next(s, state, "incomingCall"), parent = studio_next(s, state, "incomingParent");
    (void)properties;
    block->given->passes = true;
    if (s->sub) {
        studio_on(s, block, GIVEN_FALL, "incomingParent", parent);
        return;
    }
    if (call == FLOW_NOWHERE && parent != FLOW_NOWHERE) {
        given_remark(block, FLOW_LEFT,
                     "not translated: it is a subflow: write its states, which begin here, as a subroutine of who runs "
                     "it");
        studio_on(s, block, GIVEN_FALL, "incomingParent", parent);
        return;
    }
    if (call == FLOW_NOWHERE && studio_next(s, state, "incomingMessage") != FLOW_NOWHERE)
        given_remark(block, FLOW_LEFT,
                     "not translated: it is a flow of messages: a strategy on sms begins with each message");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (studio_next(s, state, others[i]) != FLOW_NOWHERE && !(s->file->sub && i == 3))
            given_remark(block, FLOW_REMARK, "not translated: what comes by %s", others[i]);
    studio_on(s, block, GIVEN_FALL, "incomingCall", studio_next(s, state, "incomingCall"));
}

/* Returns the prompt or the text that the state plays, as an expression; NULL, with the reason: it is not translated.
 */
static const char *studio_prompt(struct studio *s, const json_t *properties, const char **why)
{
    const char *say = json_import_text(s->arena, properties, "say"),
               *play = json_import_text(s->arena, properties, "play");
    struct studio_value value = studio_value(s, *say ? say : play);
    *why = "what it plays is computed";
    if (!value.good || (*say && *play)) return NULL;
    *why = "what it says has marks of SSML";
    if (*say) return strchr(say, '<') ? NULL : value.text;
    *why = "the file that it plays is computed";
    if (!value.constant) return NULL;
    if (!*play) return arena_printf(s->arena, "prompt %s", site_declare(s->import, "prompt", "silence", ""));
    const char *slash = strrchr(play, '/');
    const char *name = slash && slash[1] ? slash + 1 : play;
    const char *key = arena_printf(s->arena, "sound %s", play);
    struct site_name *row = flow_names_find(&s->import->site_names, key);
    if (!row) { /* two addresses may end in one file name */
        row = ARENA_NEW(s->arena, struct site_name);
        const char *label = arena_copy(s->arena, name, strnlen(name, 50));
        for (unsigned n = 2;
             flow_names_find(&s->import->site_names, arena_printf(s->arena, "prompt %s", name_label(s->arena, label)));
             n++)
            label = arena_printf(s->arena, "%.50s %u", name, n);
        row->doc = site_declare(s->import, "prompt", label, play);
        flow_names_add(s->arena, &s->import->site_names, key, row);
    }
    return arena_printf(s->arena, "prompt %s", row->doc);
}

static void widget_say(struct studio *s, struct flow_block *block, json_t *state, json_t *properties)
{
    const char *why, *prompt = studio_prompt(s, properties, &why),
                     *loop = json_import_text(s->arena, properties, "loop");
    bool said = *json_import_text(s->arena, properties, "say"),
         played = *json_import_text(s->arena, properties, "play");
    long long times = 1;
    if (!said && !played) why = "it says nothing", prompt = NULL;
    if (*loop && !number_read(loop, strlen(loop), STUDIO_REPEATS, &times)) prompt = NULL, why = "its loop is computed";
    if (*json_import_text(s->arena, properties, "digits")) prompt = NULL, why = "it sends keys";
    if (!prompt) {
        studio_quote(s, block, state, properties, why);
        return;
    }
    if (times == 0) {
        given_remark(block, FLOW_REMARK, "there it is heard without end, here %d times", STUDIO_REPEATS);
        times = STUDIO_REPEATS;
    }
    const char *step = arena_printf(s->arena, "ivr.%s(%s)", played ? "play" : "say", prompt);
    if (times > 1)
        given_say(block, "repeat %lld { %s else {}; }\n", times, step);
    else
        given_say(block, "%s else {};\n", step);
    block->given->first = played ? step : "ivr.say";
    if (said && *json_import_text(s->arena, properties, "language"))
        given_remark(block, FLOW_REMARK, "the voice is the switch's; its language is locale");
    studio_on(s, block, GIVEN_FALL, "audioComplete", studio_next(s, state, "audioComplete"));
}

/* A gather: its prompt, the key that ends the digits, the time limit and the number of digits. */
struct studio_gather {
    const char *prompt; /* NULL: the prompt is not translated */
    const char *why;    /* the reason why the prompt is not translated */
    const char *end;
    long long seconds, digits;
};

static struct studio_gather gather_read(struct studio *s, const json_t *properties)
{
    struct studio_gather gather = {.end = "#", .seconds = 5, .digits = STUDIO_DIGITS};
    const char *wait = json_import_text(s->arena, properties, "timeout"),
               *most = json_import_text(s->arena, properties, "number_of_digits");
    bool stops = !json_is_false(json_object_get(properties, "stop_gather")) && *most;
    if (json_is_string(json_object_get(properties, "finish_on_key")))
        gather.end = json_import_text(s->arena, properties, "finish_on_key");
    if (*wait && (!number_read(wait, strlen(wait), 600, &gather.seconds) || gather.seconds == 0))
        gather.why = "its timeout is computed";
    if (stops && (!number_read(most, strlen(most), STUDIO_DIGITS, &gather.digits) || gather.digits == 0))
        gather.why = "the number of digits is computed";
    if (*gather.end ? gather.end[1] || !strchr("0123456789*#", *gather.end) : gather.digits != 1)
        gather.why = "no key ends the digits, or several do";
    if (!gather.why) gather.prompt = studio_prompt(s, properties, &gather.why); /* declares the prompt */
    return gather;
}

static void widget_gather(struct studio *s, struct flow_block *block, json_t *state, json_t *properties)
{
    struct studio_gather gather = gather_read(s, properties);
    const char *loop = json_import_text(s->arena, properties, "loop"), *pairs = "";
    const struct studio_kept *kept =
        flow_names_find(&s->kept, arena_printf(s->arena, "widgets.%s.Digits", block->name));
    if (!gather.prompt || !kept) {
        studio_quote(s, block, state, properties, gather.prompt ? "another state has its name" : gather.why);
        return;
    }
    if (*loop && strcmp(loop, "1") != 0) given_remark(block, FLOW_REMARK, "the prompt is heard once here");
    const char *key = name_fresh(s->arena, s->flow->taken, &s->import->names, "key"),
               *step = gather.digits == 1 ? "ivr.menu" : "ivr.digits";
    bool named = strncmp(gather.prompt, "prompt ", 7) == 0;
    block->given->first = named ? arena_printf(s->arena, "%s(%s)", step, gather.prompt) : step;
    block->given->answers = arena_printf(s->arena, "%s -> fail no_input;", block->given->first);
    for (const char *one = "0123456789*#"; *one; one++)
        if (*one != *gather.end)
            pairs = arena_printf(s->arena, "%s%s\"%c\": \"%c\"", pairs, *pairs ? ", " : "", *one, *one);
    if (gather.digits == 1)
        given_say(block, "let %s = ivr.menu(%s, [%s], first_key: %llds) ", key, gather.prompt, pairs, gather.seconds);
    else
        given_say(block, "let %s = ivr.digits(%s, max: %lld, end: \"%s\", gap: %llds, first_key: %llds) ", key,
                  gather.prompt, gather.digits, gather.end, gather.seconds, gather.seconds);
    given_say(block, "timeout 10m else \"\";\n%s = %s;\nif %s == \"\" { ", kept->ident, key, key);
    uint32_t silent = studio_next(s, state, "timeout"), *own = flow_names_find(&s->ids, block->name);
    if (own && silent == *own) given_remark(block, FLOW_REMARK, "there it is asked ten times in a row at most");
    studio_on(s, block, GIVEN_WAY, "timeout", silent);
    given_say(block, " }\n");
    studio_on(s, block, GIVEN_FALL, "keypress", studio_next(s, state, "keypress"));
}

/* ---- conditions ---- */

/* Returns the text in small letters, without blanks around it. */
static const char *split_plain(struct studio *s, const char *text, bool *ascii)
{
    text += strspn(text, " \t\r\n");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1])) length--;
    char *plain = arena_copy(s->arena, text, length);
    for (char *c = plain; *c; c++) {
        if ((unsigned char)*c >= 0x80) *ascii = false;
        *c = (char)((unsigned char)*c < 0x80 ? tolower((unsigned char)*c) : *c);
    }
    return plain;
}

/* Returns the list of the operands; NULL: there are too many operands. */
static const char *split_list(struct studio *s, const char *text, bool *ascii)
{
    const char *said = "";
    for (unsigned count = 0; count < STUDIO_OPERANDS; count++) {
        size_t length = strcspn(text, ",");
        const char *one = split_plain(s, arena_copy(s->arena, text, length), ascii);
        said = arena_printf(s->arena, "%s%s%s", said, count ? ", " : "", name_quoted(s->arena, one, true));
        if (!text[length]) return arena_printf(s->arena, "[%s]", said);
        text += length + 1;
    }
    return NULL;
}

/* Returns the form with each mark, such as $v, replaced by its text. */
static const char *split_form(struct studio *s, const char *form, const char *value, const char *operand,
                              const char *list, const char *number)
{
    const char *said = "";
    while (*form) {
        size_t plain = strcspn(form, "$");
        said = arena_printf(s->arena, "%s%.*s", said, (int)plain, form);
        form += plain;
        if (!*form) break;
        const char *put = form[1] == 'v' ? value : form[1] == 'o' ? operand : form[1] == 'l' ? list : number;
        said = arena_printf(s->arena, "%s%s", said, put);
        form += 2;
    }
    return said;
}

static const struct {
    const char *type;
    enum flow_grade grade;
    const char *form;
} studio_conditions[] = {
#define CONDITION(type, grade, form) {type, FLOW_##grade, form},
#include "compiler/import/studio/studio.def"
};

/* Returns the condition; NULL: it is not translated. */
static const char *split_condition(struct studio *s, struct flow_block *block, const json_t *condition,
                                   const char *input)
{
    const char *type = json_import_text(s->arena, condition, "type"),
               *subject = json_string_value(json_array_get(json_object_get(condition, "arguments"), 0)),
               *text = json_import_text(s->arena, condition, "value"), *number = "", *list = "";
    size_t which = 0, count = sizeof studio_conditions / sizeof *studio_conditions;
    bool ascii = true;
    long long figure;
    while (which < count && strcmp(studio_conditions[which].type, type) != 0) which++;
    if (which == count || !*studio_conditions[which].form) return NULL;
    const char *form = studio_conditions[which].form;
    struct studio_value value = studio_value(s, subject ? arena_copy(s->arena, subject, strlen(subject)) : input),
                        operand = studio_value(s, text);
    if (!value.good || value.constant || !operand.good) return NULL;
    const char *said = value.text,
               *other = operand.constant ? name_quoted(s->arena, split_plain(s, text, &ascii), true) : operand.text;
    if (!value.digits) said = arena_printf(s->arena, "text_lower(text_trim(%s))", said);
    if (!operand.constant && !operand.digits) other = arena_printf(s->arena, "text_lower(text_trim(%s))", other);
    if (strstr(form, "$l") && (!operand.constant || !(list = split_list(s, text, &ascii)))) return NULL;
    if (strstr(form, "$n")) {
        number = split_plain(s, text, &ascii);
        if (!operand.constant || !number_read(number, strlen(number), 1000000000, &figure)) return NULL;
    }
    bool uses = strstr(form, "$o") && !operand.constant && !operand.digits;
    s->text = s->text || !value.digits || uses;
    if (!ascii) given_remark(block, FLOW_REMARK, "letters that are not English: look whether they compare so there");
    if (studio_conditions[which].grade == FLOW_REMARK)
        given_remark(block, FLOW_REMARK, "%s: what is no whole number does not match here", type);
    return split_form(s, form, said, other, list, number);
}

/* May two of the conditions hold for one value? False where all conditions compare for equality, with different texts.
 */
static bool split_overlaps(struct studio *s, const json_t *state)
{
    static char there[] = "";
    struct flow_names seen = {0};
    unsigned matches = 0;
    bool overlaps = false, ascii;
    size_t i;
    json_t *transition;
    json_array_foreach(json_object_get(state, "transitions"), i, transition)
    {
        const json_t *condition = json_array_get(json_object_get(transition, "conditions"), 0);
        const char *type = json_import_text(s->arena, condition, "type"),
                   *text = json_import_text(s->arena, condition, "value");
        if (!condition) continue;
        matches++;
        if ((strcmp(type, "equal_to") != 0 && strcmp(type, "matches_any_of") != 0) || strchr(text, '{'))
            overlaps = true;
        while (*text) {
            size_t length = strcmp(type, "equal_to") == 0 ? strlen(text) : strcspn(text, ",");
            const char *one = split_plain(s, arena_copy(s->arena, text, length), &ascii);
            overlaps = !flow_names_add(s->arena, &seen, one, there) || overlaps;
            text += length + (text[length] != '\0');
        }
    }
    return overlaps && matches > 1;
}

/* Writes a condition up to its brace. A condition that is not translated becomes a parameter of the site. */
static void split_if(struct studio *s, struct flow_block *block, const char *condition, const char *source)
{
    if (!condition) {
        condition =
            import_declare_decision(s->import, arena_printf(s->arena, "%s_%s", s->flow->name, block->name), source);
        import_remark_line(block->given->out, "not translated: ", source);
        given_remark(block, FLOW_REMARK,
                     "not translated: the condition is the parameter %s of the site: write it, or set that; until then "
                     "it is an error",
                     condition);
        given_say(block, "if %s == none { fail %s; }\n", condition, name_quoted(s->arena, block->name, true));
    }
    given_say(block, "if %s { ", condition);
}

static void widget_split(struct studio *s, struct flow_block *block, json_t *state, json_t *properties)
{
    const char *input = json_import_text(s->arena, properties, "input");
    size_t i;
    json_t *transition;
    json_array_foreach(json_object_get(state, "transitions"), i, transition)
    {
        json_t *conditions = json_object_get(transition, "conditions"), *one = json_array_get(conditions, 0);
        if (strcmp(json_import_text(s->arena, transition, "event"), "match") != 0) continue;
        const char *shown = arena_printf(s->arena, "%s %s", json_import_text(s->arena, one, "type"),
                                         json_import_text(s->arena, one, "value"));
        const char *condition = json_array_size(conditions) == 1 ? split_condition(s, block, one, input) : NULL;
        split_if(s, block, condition,
                 json_array_size(conditions) == 1 ? shown : "a transition with several conditions, or none");
        uint32_t *to = flow_names_find(&s->ids, json_import_text(s->arena, transition, "next"));
        studio_on(s, block, GIVEN_WAY, shown, to ? *to : FLOW_NOWHERE);
        given_say(block, " }\n");
    }
    if (split_overlaps(s, state)) given_remark(block, FLOW_REMARK, "of several that match the first one counts");
    studio_on(s, block, GIVEN_FALL, "noMatch", studio_next(s, state, "noMatch"));
}

static void widget_variables(struct studio *s, struct flow_block *block, json_t *state, json_t *properties)
{
    size_t i;
    json_t *one;
    block->given->passes = true;
    json_array_foreach(json_object_get(properties, "variables"), i, one)
    {
        const char *key = json_import_text(s->arena, one, "key"), *text = json_import_text(s->arena, one, "value");
        const struct studio_kept *kept = flow_names_find(&s->kept, arena_printf(s->arena, "flow.variables.%s", key));
        struct studio_value value = studio_value(s, text);
        for (size_t before = 0; before < i; before++) {
            const json_t *earlier = json_array_get(json_object_get(properties, "variables"), before);
            if (strstr(text, arena_printf(s->arena, "flow.variables.%s", json_import_text(s->arena, earlier, "key"))))
                given_remark(block, FLOW_REMARK, "each variable is set before the next is computed here");
        }
        if (kept && !kept->lost && value.good) {
            given_say(block, "%s = %s;\n", kept->ident, value.text);
            continue;
        }
        given_remark(block, FLOW_LEFT, "not translated: %.60s = %.100s", key, flow_shown(s->arena, key, text));
    }
    studio_on(s, block, GIVEN_FALL, "next", studio_next(s, state, "next"));
}

static void widget_connect(struct studio *s, struct flow_block *block, json_t *state, json_t *properties)
{
    const char *to = json_import_text(s->arena, properties, "to"),
               *wait = json_import_text(s->arena, properties, "timeout"),
               *noun = json_import_text(s->arena, properties, "noun");
    long long seconds = 30;
    size_t length = strspn(to, "+0123456789");
    if ((*noun && strcmp(noun, "number") != 0) || length < 3 || length > 16 || to[length] ||
        (*wait && (!number_read(wait, strlen(wait), 600, &seconds) || seconds == 0))) {
        studio_quote(s, block, state, properties, "it calls several numbers, no telephone number, or what is computed");
        return;
    }
    if (json_is_true(json_object_get(properties, "record")))
        given_remark(block, FLOW_REMARK, "not translated: it is recorded: recording.start");
    import_directory_dn(s->import, to, "other");
    const char *line = name_fresh(s->arena, s->flow->taken, &s->import->names, "line");
    given_say(block, "let %s = dn.named(%s);\nif %s != none { route %s answer %llds else {}; }\n", line,
              name_quoted(s->arena, to, true), line, line, seconds);
    block->given->ends = true;
    studio_on(s, block, GIVEN_FALL, "callCompleted", studio_next(s, state, "callCompleted"));
}

/* Attaches the attributes that the task would have in TaskRouter. */
static void enqueue_attributes(struct studio *s, struct flow_block *block, const char *text)
{
    static const char *const own[][2] = {
        {"from", "ani"}, {"caller", "ani"}, {"to", "dnis"}, {"called", "dnis"}, {"direction", "\"inbound\""}};
    char why[100];
    const char *key;
    json_t *value, *all = *text ? json_import(text, strlen(text), why, sizeof why) : NULL;
    if (*text && !json_is_object(all))
        given_remark(block, FLOW_LEFT, "not translated: its attributes, which no JSON is");
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (!json_object_get(all, own[i][0]))
            given_say(block, "attach user_data[\"%s\"] = %s;\n", own[i][0], own[i][1]);
    json_object_foreach(all, key, value)
    {
        const char *name = arena_copy(s->arena, key, strlen(key)), *shown = json_import_text(s->arena, all, name);
        struct studio_value said = studio_value(s, shown);
        bool plain = json_is_integer(value) || json_is_boolean(value);
        if (strlen(name) < 100 && (plain || (json_is_string(value) && said.good))) {
            given_say(block, "attach user_data[%s] = %s;\n", name_quoted(s->arena, name, true),
                      plain ? shown : said.text);
            continue;
        }
        given_remark(block, FLOW_LEFT, "not translated: the attribute %.60s = %.100s", name, shown);
    }
    json_decref(all);
}

static void widget_enqueue(struct studio *s, struct flow_block *block, json_t *state, json_t *properties)
{
    const char *workflow = json_import_text(s->arena, properties, "workflow"),
               *queue = json_import_text(s->arena, properties, "queue_name"),
               *text = json_import_text(s->arena, properties, "task_attributes");
    const struct flow *to = flow_names_find(&s->import->by_key, arena_printf(s->arena, "workflow %s", workflow));
    struct studio_value named = studio_value(s, queue);
    if (!*text) text = json_import_text(s->arena, properties, "attributes");
    if (!*queue || !named.good || !named.constant) queue = NULL;
    if (!*workflow && !queue) {
        studio_quote(s, block, state, properties, "the queue is computed");
        return;
    }
    block->given->ends = true;
    if (*workflow) enqueue_attributes(s, block, text);
    if (*workflow && to) {
        given_say(block, "switch to %s;\n", to->ident);
        flow_names_add(s->arena, &s->switches, to->ident, s->flow);
        if (studio_next(s, state, "") != FLOW_NOWHERE)
            given_remark(block, FLOW_REMARK, "what follows is not done: the workflow's strategy ends the call");
        return;
    }
    if (*workflow) given_remark(block, FLOW_LEFT, "not translated: no file has the workflow %.60s", workflow);
    const char *name = *workflow ? workflow : queue;
    given_remark(block, FLOW_REMARK,
                 "the directory has who takes calls of the queue; what follows is done only where nobody has answered");
    given_say(block,
              "connect in vq %s { group %s; } answer 20s timeout 1d busy { ivr.music(prompt hold, 30s); } else {};\n",
              site_declare(s->import, "vq", name, ""), site_declare(s->import, "group", name, ""));
    site_declare(s->import, "prompt", "hold", "what callers hear while they wait");
    studio_on(s, block, GIVEN_FALL, "callFailure", studio_next(s, state, "callFailure"));
}

static void widget_voicemail(struct studio *s, struct flow_block *block, json_t *state, json_t *properties)
{
    const char *most = json_import_text(s->arena, properties, "max_length");
    long long seconds = STUDIO_RECORDED;
    if (*most && (!number_read(most, strlen(most), STUDIO_RECORDED, &seconds) || seconds == 0)) {
        seconds = STUDIO_RECORDED;
        given_remark(block, FLOW_REMARK, "not translated: max_length %.20s", most);
    }
    const char *message = name_fresh(s->arena, s->flow->taken, &s->import->names, "message"),
               *prompt = site_declare(s->import, "prompt", "beep", "the tone behind which a caller speaks");
    given_say(block, "let %s = ivr.record(prompt %s, %llds) ", message, prompt, seconds);
    studio_else(s, block, "noAudio", studio_next(s, state, "noAudio"));
    given_say(block, "log.note(\"a message: {%s}\");\n", message);
    block->given->answers = arena_printf(s->arena, "ivr.record(prompt %s) -> fail not_applied;", prompt);
    studio_on(s, block, GIVEN_FALL, "recordingComplete", studio_next(s, state, "recordingComplete"));
}

static void widget_recording(struct studio *s, struct flow_block *block, json_t *state, json_t *properties)
{
    bool starts = strcmp(json_import_text(s->arena, properties, "record_call"), "true") == 0;
    given_say(block, "recording.%s() ", starts ? "start" : "stop");
    studio_else(s, block, "failed", studio_next(s, state, "failed"));
    studio_on(s, block, GIVEN_FALL, "success", studio_next(s, state, "success"));
}

static void widget_request(struct studio *s, struct flow_block *block, json_t *state, json_t *properties)
{
    const char *arguments = "", *declared = "", *url = json_import_text(s->arena, properties, "url");
    const struct studio_kept *kept =
        flow_names_find(&s->kept, arena_printf(s->arena, "widgets.%s.parsed", block->name));
    struct flow_names taken = {0};
    unsigned count = 0;
    size_t i;
    json_t *one;
    if (!kept) {
        studio_quote(s, block, state, properties, "its name is none");
        return;
    }
    block->own = name_fresh(s->arena, &s->import->endpoints, NULL, block->name);
    json_array_foreach(json_object_get(properties, "parameters"), i, one)
    {
        const char *name = json_import_text(s->arena, one, "key");
        struct studio_value value = studio_value(s, json_import_text(s->arena, one, "value"));
        if (!value.good || ++count > STUDIO_ARGUMENTS) {
            given_remark(block, FLOW_REMARK, "not translated: the parameter %.60s", name);
            continue;
        }
        name = name_fresh(s->arena, &taken, NULL, name);
        declared = arena_printf(s->arena, "%s%s%s: str", declared, *declared ? ", " : "", name);
        arguments = arena_printf(s->arena, "%s%s%s", arguments, *arguments ? ", " : "", value.text);
    }
    if (*json_import_text(s->arena, properties, "body")) given_remark(block, FLOW_REMARK, "not translated: its body");
    import_remark_line(block->given->out, "url: ", flow_shown(s->arena, "url", url));
    import_declare_whole(s->import, "endpoint", block->own,
                         arena_printf(s->arena, "endpoint %s(%s): map<str> = post \"/%s\" timeout 10s;", block->own,
                                      declared, block->own));
    const char *answer = name_fresh(s->arena, s->flow->taken, &s->import->names, "answer");
    bool function = strcmp(block->type, "run-function") == 0;
    given_say(block, "let %s = http.%s(%s) ", answer, block->own, arguments);
    studio_else(s, block, function ? "fail" : "failed", studio_next(s, state, function ? "fail" : "failed"));
    given_say(block, "%s = %s;\n", kept->ident, answer);
    block->given->answers = arena_printf(s->arena, "http.%s -> fail unavailable;", block->own);
    block->given->first = arena_printf(s->arena, "http.%s", block->own);
    studio_on(s, block, GIVEN_FALL, "success", studio_next(s, state, "success"));
}

static const struct {
    const char *type;
    studio_write *write;
    enum flow_grade grade;
    const char *remark;
} studio_widgets[] = {
#define WIDGET(type, function, grade, becomes, remark) {type, widget_##function, FLOW_##grade, remark},
#include "compiler/import/studio/studio.def"
};

/* ---- the flow ---- */

/* Notes the values that the flow keeps (struct studio_kept), and numbers its states. */
static void studio_prepare(struct studio *s)
{
    size_t i, j;
    json_t *state, *one;
    json_array_foreach(studio_states(s), i, state)
    {
        const char *name = json_import_text(s->arena, state, "name"), *type = json_import_text(s->arena, state, "type");
        json_t *properties = json_object_get(state, "properties");
        uint32_t *number = ARENA_NEW(s->arena, uint32_t);
        *number = (uint32_t)i;
        if (!*name || !flow_names_add(s->arena, &s->ids, name, number)) continue; /* the first state of a name counts */
        if (strcmp(type, "gather-input-on-call") == 0)
            studio_keep(s, arena_printf(s->arena, "widgets.%s.Digits", name), arena_printf(s->arena, "%s_digits", name),
                        " = \"\"")
                ->digits = true;
        if (strcmp(type, "make-http-request") == 0 || strcmp(type, "run-function") == 0)
            studio_keep(s, arena_printf(s->arena, "widgets.%s.parsed", name), arena_printf(s->arena, "%s_answer", name),
                        ": map<str> = [:]");
        if (studio_run(s, state))
            studio_keep(s, arena_printf(s->arena, "widgets.%s.run", name), arena_printf(s->arena, "%s_given", name),
                        ": map<str> = [:]")
                ->run = studio_run(s, state);
        json_array_foreach(json_object_get(properties, "variables"), j, one)
        {
            const char *key = json_import_text(s->arena, one, "key");
            if (strcmp(type, "set-variables") == 0 && *key)
                studio_keep(s, arena_printf(s->arena, "flow.variables.%s", key), key, " = \"\"");
        }
    }
}

/* Notes that the value of the reference is lost; true: it was not lost before. */
static bool studio_lost(struct studio *s, const char *of, const char *name, const char *part)
{
    struct studio_kept *kept = flow_names_find(&s->kept, arena_printf(s->arena, "%s%s%s", of, name, part));
    if (!kept || kept->lost) return false;
    return kept->lost = true;
}

/* Notes the parameters of a subflow that the state passes untranslated; true: one was not noted before. */
static bool studio_lost_given(struct studio *s, const json_t *state)
{
    struct studio *run = (struct studio *)studio_run(s, state);
    bool more = false;
    size_t i;
    json_t *one;
    if (!run) return false;
    json_array_foreach(json_object_get(json_object_get(state, "properties"), "parameters"), i, one)
    {
        bool good = studio_value(s, json_import_text(s->arena, one, "value")).good;
        if (!good) more = flow_names_add(s->arena, &run->lost, json_import_text(s->arena, one, "key"), s) || more;
    }
    return more;
}

/* Notes as lost: variables that are set to untranslated values, the digits of untranslated gathers, and what subflows
 * are given untranslated. True: something was not lost before, so that other values may be lost now. */
static bool studio_lose(struct studio *s)
{
    bool more = false;
    size_t i, j;
    json_t *state, *one;
    json_array_foreach(studio_states(s), i, state)
    {
        const json_t *properties = json_object_get(state, "properties");
        bool asks = strcmp(studio_type(s, state), "gather-input-on-call") == 0;
        if (asks && !gather_read(s, properties).prompt)
            more = studio_lost(s, "widgets.", json_import_text(s->arena, state, "name"), ".Digits") || more;
        json_array_foreach(json_object_get(properties, "variables"), j, one)
        {
            bool good = studio_value(s, json_import_text(s->arena, one, "value")).good;
            if (!good) more = studio_lost(s, "flow.variables.", json_import_text(s->arena, one, "key"), "") || more;
        }
        more = studio_lost_given(s, state) || more;
    }
    return more;
}

static uint32_t studio_line(struct studio *s, const char *name)
{
    uint32_t line = json_import_line(s->file->bytes, arena_printf(s->arena, "\"name\": \"%s\"", name), 0);
    return line > 1 ? line : json_import_line(s->file->bytes, arena_printf(s->arena, "\"name\":\"%s\"", name), 0);
}

/* ---- which flow is run ---- */

/* Returns the first state of that event of the trigger; false: the flow has no way for the event. */
static bool studio_comes_by(struct arena *arena, const struct studio_file *file, const char *event)
{
    size_t i, j;
    json_t *state, *way;
    json_array_foreach(json_object_get(studio_definition(file->value), "states"), i, state)
    {
        if (strcmp(json_import_text(arena, state, "type"), "trigger") != 0) continue;
        json_array_foreach(json_object_get(state, "transitions"), j, way)
        {
            if (strcmp(json_import_text(arena, way, "event"), event) == 0 && *json_import_text(arena, way, "next"))
                return true;
        }
    }
    return false;
}

/* Is the state there with which the flow begins? Damaged files name another one. */
static bool studio_begins(struct arena *arena, const struct studio_file *file)
{
    const json_t *flow = studio_definition(file->value);
    const char *initial = json_import_text(arena, flow, "initial_state");
    size_t i;
    json_t *state;
    json_array_foreach(json_object_get(flow, "states"), i, state)
    {
        if (*initial && strcmp(json_import_text(arena, state, "name"), initial) == 0) return true;
    }
    return false;
}

/* Does a flow that the file's flow runs, at whatever depth, lead to the other one? Chains longer than STUDIO_RUNS count
 * as circles. */
static bool studio_leads(struct studio_files *all, struct studio_file *file, const struct studio_file *to,
                         unsigned depth)
{
    size_t i;
    json_t *state;
    if (file->looked == all->searches) return false;
    file->looked = all->searches;
    json_array_foreach(json_object_get(studio_definition(file->value), "states"), i, state)
    {
        struct arena *arena = all->import->arena;
        if (strcmp(json_import_text(arena, state, "type"), "run-subflow") != 0) continue;
        const char *sid = json_import_text(arena, json_object_get(state, "properties"), "flow_sid");
        struct studio_file *run = studio_named(all, sid);
        if (run && (run == to || depth == STUDIO_RUNS || studio_leads(all, run, to, depth + 1))) return true;
    }
    return false;
}

/* Can the flow be a subroutine? It must begin, and by a parent, may not run itself, and may hand the call to nobody. */
static bool studio_is_sub(struct studio_files *all, struct studio_file *file)
{
    static const char *const ends[] = {"enqueue-call", "send-to-flex", "connect-call-to"};
    size_t i;
    json_t *state;
    if (!studio_begins(all->import->arena, file)) return false;
    if (!studio_comes_by(all->import->arena, file, "incomingParent")) return false;
    json_array_foreach(json_object_get(studio_definition(file->value), "states"), i, state)
    {
        for (size_t end = 0; end < sizeof ends / sizeof *ends; end++)
            if (strcmp(json_import_text(all->import->arena, state, "type"), ends[end]) == 0) return false;
    }
    all->searches++;
    return !studio_leads(all, file, file, 0);
}

/* Notes for each file the path of a flow that runs it. */
static void studio_find_runs(struct studio_files *all)
{
    struct arena *arena = all->import->arena;
    for (struct studio_file *file = all->files; file; file = file->next) {
        size_t i;
        json_t *state;
        json_array_foreach(json_object_get(studio_definition(file->value), "states"), i, state)
        {
            if (strcmp(json_import_text(arena, state, "type"), "run-subflow") != 0) continue;
            const char *sid = json_import_text(arena, json_object_get(state, "properties"), "flow_sid");
            struct studio_file *run = studio_named(all, sid);
            if (run) run->run_by = file->path;
        }
    }
}

/* ---- the texts ---- */

/* Begins a flow of the file: the names of the variables are not known before all flows have begun. */
static struct studio *studio_begin(struct studio_files *all, const struct studio_file *file, bool sub)
{
    struct importer *import = all->import;
    struct studio *s = ARENA_NEW(import->arena, struct studio);
    *s = (struct studio){.import = import, .arena = import->arena, .file = file, .lets = "", .sub = sub};
    const char *slash = strrchr(file->path, '/'), *base = slash ? slash + 1 : file->path,
               *name = json_import_text(s->arena, file->value, "friendly_name");
    if (!*name) name = arena_copy(s->arena, base, strcspn(base, "."));
    s->flow = ARENA_NEW(s->arena, struct flow);
    *s->flow = (struct flow){.sort = FLOW_CALLFLOW, .path = file->path, .name = name};
    s->flow->taken = ARENA_NEW(s->arena, struct flow_names);
    s->end = "stop \"the flow ends\";";
    if (sub) {
        flow_add(s->arena, &s->flow->takes, "given", "");
        flow_add(s->arena, &s->flow->gives, "given", "");
        s->flow->called_by = file->run_by;
    }
    import_flow_add(import, s->flow, name);
    return s;
}

/* Makes the statement by which a subroutine returns its variables. */
static void studio_returns(struct studio *s)
{
    static const char variables[] = "flow.variables.";
    const char *pairs = "";
    for (size_t i = 0; s->sub && i < s->kept.room; i++) {
        const char *reference = s->kept.slots[i].name;
        if (!reference || strncmp(reference, variables, sizeof variables - 1) != 0) continue;
        const struct studio_kept *kept = s->kept.slots[i].what;
        if (!kept->lost)
            pairs = arena_printf(s->arena, "%s%s%s: %s", pairs, *pairs ? ", " : "",
                                 name_quoted(s->arena, reference + sizeof variables - 1, true), kept->ident);
    }
    if (s->sub) s->end = arena_printf(s->arena, "return [%s];", *pairs ? pairs : ":");
}

static void studio_write_flow(struct studio *s)
{
    json_t *states = studio_states(s), *state;
    studio_returns(s);
    const uint32_t *entry =
        flow_names_find(&s->ids, json_import_text(s->arena, studio_definition(s->file->value), "initial_state"));
    s->flow->entry = entry ? *entry : FLOW_NOWHERE;
    s->flow->blocks = ARENA_ARRAY(s->arena, struct flow_block, json_array_size(states) + 1);
    s->flow->block_count = (uint32_t)json_array_size(states);
    size_t i;
    json_array_foreach(states, i, state)
    {
        struct flow_block *block = &s->flow->blocks[i];
        const char *type = studio_type(s, state);
        size_t which = 0, count = sizeof studio_widgets / sizeof *studio_widgets;
        while (which < count && strcmp(studio_widgets[which].type, type) != 0) which++;
        *block = (struct flow_block){
            .type = *type ? type : "state", .id = "", .name = json_import_text(s->arena, state, "name")};
        block->line = studio_line(s, block->name);
        given_new(s->arena, block, which < count ? studio_widgets[which].grade : FLOW_LEFT,
                  which < count ? studio_widgets[which].remark : "the importer does not know this widget");
        json_t *properties = json_object_get(state, "properties");
        (which < count ? studio_widgets[which].write : widget_left)(s, block, state, properties);
        given_close(block);
    }
    s->flow->lets = s->lets;
    struct flow_names *switches = ARENA_NEW(s->arena, struct flow_names);
    *switches = s->switches;
    s->flow->switches = switches;
    if (s->text) s->flow->likeness = "text";
}

/* Does the function for each flow, first for those that are subroutines. */
static bool studio_each(struct studio_files *all, bool (*what)(struct studio *))
{
    bool more = false;
    for (struct studio_file *file = all->files; file; file = file->next)
        if (file->sub) more = what(file->sub) || more;
    for (struct studio_file *file = all->files; file; file = file->next)
        if (file->whole) more = what(file->whole) || more;
    return more;
}

static bool studio_prepared(struct studio *s)
{
    studio_prepare(s);
    return false;
}

static bool studio_written(struct studio *s)
{
    studio_write_flow(s);
    return false;
}

void studio_finish(struct studio_files *all)
{
    studio_find_runs(all);
    for (struct studio_file *file = all->files; file; file = file->next) {
        bool sub = file->run_by && studio_is_sub(all, file);
        if (!sub || studio_comes_by(all->import->arena, file, "incomingCall"))
            file->whole = studio_begin(all, file, false);
        if (sub) file->sub = studio_begin(all, file, true);
    }
    (void)studio_each(all, studio_prepared);
    while (studio_each(all, studio_lose)) continue;
    (void)studio_each(all, studio_written);
}
