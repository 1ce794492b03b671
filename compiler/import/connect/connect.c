/* compiler/import/connect/connect.c - Writes the actions of a contact flow as statements.
 *
 *     GetParticipantInput      let key = ivr.menu(...) else "";  if key == "1" { goto ... }
 *     UpdateContactTargetQueue working_vq = vq sales; working_group = group sales;
 *     TransferContactToQueue   connect in vq working_vq { group working_group; } ...
 *
 * If a queue is not known, the working queue becomes none, and the transfer takes its error path, so that no caller
 * comes to a wrong queue. */
#include "compiler/import/connect/connect.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/why.h"
#include "base/zone.h"
#include "compiler/import/json.h"
#include "compiler/import/number.h"
#include "compiler/import/writer.h"

enum {
    CONNECT_ACTIONS = 2000,
    CONNECT_TEXT = 4000,
    CONNECT_DAY = 86400,
    CONNECT_PERIODS = 100,
    CONNECT_TRANSFERS = 50
};

struct connect_file {
    const char *path, *bytes;
    json_t *value;                 /* a flow is stored without what the API puts around it */
    const char *name, *id;         /* the name and id in the API's answer; "": it has none */
    struct flow *flow;             /* NULL: the file has no flow */
    struct connect_file **targets; /* the flows to which this flow transfers */
    uint32_t target_count;
    struct connect_file *next;
};

struct connect_files {
    struct importer *import;
    struct connect_file *files, **end;
    bool queues, stores, external; /* some flow of the import uses these, so each flow hands them to the next */
    bool transfers;                /* some flow transfers to another one */
};

/* The contact flow that is being made. */
struct connect {
    struct connect_files *all;
    struct importer *import;
    struct arena *arena;
    const struct connect_file *file;
    struct flow *flow;
    struct flow_block *block; /* the block that is being written */
    struct flow_names ids;    /* the numbers of the blocks, by Identifier */
    json_t *metadata;
    const char *lets;
    struct flow_names switches; /* the strategies to which the flow switches */
    bool queues, stores, external;
};

typedef void connect_write(struct connect *, struct flow_block *, json_t *action, json_t *parameters);

struct connect_files *connect_new(struct importer *import)
{
    struct connect_files *all = ARENA_NEW(import->arena, struct connect_files);
    all->import = import;
    all->end = &all->files;
    return all;
}

void connect_release(struct connect_files *all)
{
    for (struct connect_file *file = all ? all->files : NULL; file; file = file->next) json_decref(file->value);
}

bool connect_knows(const json_t *value)
{
    return json_is_array(json_object_get(value, "Actions")) ||
           json_is_string(json_object_get(json_object_get(value, "ContactFlow"), "Content")) ||
           json_is_object(json_object_get(value, "HoursOfOperation")) ||
           json_is_array(json_object_get(value, "HoursOfOperations"));
}

/* Takes a flow out of what the API gives, where it is a text; false with the reason. */
static bool connect_unwrap(struct arena *arena, struct connect_file *file, char *why, size_t why_size)
{
    const json_t *given = json_object_get(file->value, "ContactFlow");
    const char *content = json_import_text(arena, given, "Content");
    file->name = json_import_text(arena, given, "Name"), file->id = json_import_text(arena, given, "Id");
    if (!*content) return true;
    json_t *within = json_import(content, strlen(content), why, why_size);
    if (!within) return false;
    json_decref(file->value);
    file->value = within, file->bytes = content;
    return true;
}

bool connect_add(struct connect_files *all, const char *path, const char *bytes, json_t *value, char *why,
                 size_t why_size)
{
    struct connect_file *file = ARENA_NEW(all->import->arena, struct connect_file);
    *file = (struct connect_file){.path = path, .bytes = bytes, .value = value};
    if (!connect_unwrap(all->import->arena, file, why, why_size)) {
        json_decref(value);
        return false;
    }
    if (!connect_knows(file->value) || json_array_size(json_object_get(file->value, "Actions")) > CONNECT_ACTIONS) {
        json_decref(file->value);
        return why_set(why, why_size, "it has neither Actions, of which there may be %d, nor HoursOfOperation",
                       CONNECT_ACTIONS);
    }
    *all->end = file;
    all->end = &file->next;
    return true;
}

/* ---- ways ---- */

static uint32_t connect_number(struct connect *c, const char *id)
{
    uint32_t *number = flow_names_find(&c->ids, id);
    return number ? *number : FLOW_NOWHERE;
}

static uint32_t connect_next(struct connect *c, const json_t *action)
{
    return connect_number(c, json_import_text(c->arena, json_object_get(action, "Transitions"), "NextAction"));
}

/* Returns the action for the error; without one of its own the action of NoMatchingError, else the next action. */
static uint32_t connect_error(struct connect *c, const json_t *action, const char *type)
{
    uint32_t other = FLOW_NOWHERE;
    size_t i;
    json_t *error;
    json_array_foreach(json_object_get(json_object_get(action, "Transitions"), "Errors"), i, error)
    {
        const char *of = json_import_text(c->arena, error, "ErrorType");
        uint32_t to = connect_number(c, json_import_text(c->arena, error, "NextAction"));
        if (strcmp(of, type) == 0) return to;
        if (strcmp(of, "NoMatchingError") == 0 && strcmp(type, "NoMatchingCondition") != 0) other = to;
    }
    return other != FLOW_NOWHERE ? other : connect_next(c, action);
}

static void connect_on(struct flow_block *block, enum given_form form, const char *exit, uint32_t to)
{
    given_on(block, form, exit, to, "stop \"the flow ends\";");
}

/* Writes the `else` of a step that fails: a jump to the action for that error. */
static void connect_else(struct connect *c, struct flow_block *block, const json_t *action, const char *error)
{
    uint32_t to = connect_error(c, action, error);
    given_say(block, "else { ");
    connect_on(block, GIVEN_FAILED, error, to);
    given_say(block, " };\n");
}

/* ---- values ---- */

static const struct {
    const char *path;
    enum flow_grade grade;
    const char *form, *remark;
} connect_paths[] = {
#define PATH(path, grade, form, remark) {path, FLOW_##grade, form, remark},
#include "compiler/import/connect/actions.def"
};

/* The text that replaces a mark of a form, as $v. */
struct connect_mark {
    const char *mark, *text;
};

/* Returns the form with each mark replaced. The replaced texts are not searched for marks, since a text of the flow may
 * contain one, too. */
static const char *connect_form(struct arena *arena, const char *form, const struct connect_mark marks[], size_t count)
{
    const char *said = "";
    while (*form) {
        size_t plain = strcspn(form, "$"), which = 0;
        said = arena_printf(arena, "%s%.*s", said, (int)plain, form);
        form += plain;
        while (*form && which < count && strncmp(form, marks[which].mark, strlen(marks[which].mark)) != 0) which++;
        if (*form && which < count) {
            said = arena_printf(arena, "%s%s", said, marks[which].text);
            form += strlen(marks[which].mark);
        } else if (*form) {
            said = arena_printf(arena, "%s$", said);
            form++;
        }
    }
    return said;
}

/* Returns the expression for the reference at `*at`, which moves past it; NULL: the reference is not translated. */
static const char *connect_reference(struct connect *c, const char **at)
{
    const char *begin = *at, *end = begin + 2;
    while (isalnum((unsigned char)*end) || *end == '_' || *end == '.') end++;
    while (end[-1] == '.' && end > begin + 2) end--;
    const char *path = arena_copy(c->arena, begin, (size_t)(end - begin));
    *at = end;
    if (*end == '[') return NULL;
    for (size_t i = 0; i < sizeof connect_paths / sizeof *connect_paths; i++) {
        size_t length = strlen(connect_paths[i].path);
        bool open = connect_paths[i].path[length - 1] == '.';
        if (open ? strncmp(path, connect_paths[i].path, length) != 0 || !path[length] || strchr(path + length, '.')
                 : strcmp(path, connect_paths[i].path) != 0)
            continue;
        if (connect_paths[i].grade == FLOW_REMARK && c->block)
            given_remark(c->block, FLOW_REMARK, "%s: %s", path, connect_paths[i].remark);
        c->external = c->external || strncmp(path, "$.External.", 11) == 0;
        c->stores = c->stores || strcmp(path, "$.StoredCustomerInput") == 0;
        const struct connect_mark name = {"$", path + length};
        return open ? connect_form(c->arena, connect_paths[i].form, &name, 1) : connect_paths[i].form;
    }
    return NULL;
}

/* Returns a text with references as an expression; NULL: one of them is not translated. *constant: the text has no
 * references. */
static const char *connect_value(struct connect *c, const char *text, bool *constant)
{
    const char *said = "", *only = NULL;
    unsigned parts = 0;
    *constant = true;
    if (strlen(text) > CONNECT_TEXT || strstr(text, "$['")) return NULL;
    while (*text) {
        const char *reference = strstr(text, "$.");
        size_t length = reference ? (size_t)(reference - text) : strlen(text);
        parts++;
        if (length > 0) {
            said =
                arena_printf(c->arena, "%s%s", said, name_quoted(c->arena, arena_copy(c->arena, text, length), false));
            text += length;
            continue;
        }
        only = connect_reference(c, &text);
        *constant = false;
        if (!only) return NULL;
        said = arena_printf(c->arena, "%s{%s}", said, only);
    }
    return only && parts == 1 ? only : arena_printf(c->arena, "\"%s\"", said);
}

/* Returns the name of the parameter's object: the editor's name for it, or the end of its ARN; NULL: the parameter is
 * computed. */
static const char *connect_name(struct connect *c, const json_t *action, const json_t *parameters, const char *key,
                                const char *shown)
{
    const char *value = json_import_text(c->arena, parameters, key), *slash = strrchr(value, '/');
    const json_t *about = json_object_get(json_object_get(c->metadata, "ActionMetadata"),
                                          json_import_text(c->arena, action, "Identifier"));
    const char *name =
        json_import_text(c->arena, json_object_get(json_object_get(about, "parameters"), key), "displayName");
    if (!*value || strncmp(value, "$", 1) == 0) return NULL;
    if (!*name) name = json_import_text(c->arena, json_object_get(about, shown), "text");
    if (!*name) name = json_import_text(c->arena, about, shown);
    return *name ? name : slash && slash[1] ? slash + 1 : value;
}

/* ---- actions ---- */

static void quote_action(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters,
                         const char *why)
{
    const char *key;
    json_t *value;
    if (why) given_remark(block, FLOW_LEFT, "not translated: %s", why);
    json_object_foreach(parameters, key, value)
    {
        const char *text = json_import_text(c->arena, parameters, key);
        if (*text)
            import_remark_line(block->given->out, arena_printf(c->arena, "%.60s: ", key),
                               flow_shown(c->arena, key, text));
    }
    uint32_t next = connect_next(c, action);
    connect_on(block, GIVEN_FALL, "", next != FLOW_NOWHERE ? next : connect_error(c, action, "NoMatchingCondition"));
}

static void action_left(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    quote_action(c, block, action, parameters, NULL);
}

static void action_leave(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    (void)c, (void)action, (void)parameters;
    given_say(block, "fail %s;\n", name_quoted(c->arena, block->type, true));
}

static void action_nothing(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    (void)parameters;
    block->given->passes = true;
    connect_on(block, GIVEN_FALL, "", connect_next(c, action));
}

/* Returns what the action plays: `prompt x`, or a text; NULL: it is not translated. */
static const char *action_prompt(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    bool constant;
    const char *text = json_import_text(c->arena, parameters, "Text"),
               *name = connect_name(c, action, parameters, "PromptId", "promptName");
    if (*json_import_text(c->arena, parameters, "SSML") || json_object_get(parameters, "Media")) return NULL;
    if (*text) return connect_value(c, text, &constant);
    (void)block;
    return name ? arena_printf(c->arena, "prompt %s", site_declare(c->import, "prompt", name, name)) : NULL;
}

static void action_message(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    const char *prompt = action_prompt(c, block, action, parameters);
    if (!prompt) {
        quote_action(c, block, action, parameters, "what it plays is SSML, a file elsewhere, or computed");
        return;
    }
    bool named = strncmp(prompt, "prompt ", 7) == 0;
    given_say(block, "ivr.%s(%s) ", named ? "play" : "say", prompt);
    if (connect_error(c, action, "NoMatchingError") == connect_next(c, action))
        given_say(block, "else {};\n");
    else
        connect_else(c, block, action, "NoMatchingError");
    block->given->first = named ? arena_printf(c->arena, "ivr.play(%s)", prompt) : "ivr.say";
    connect_on(block, GIVEN_FALL, "", connect_next(c, action));
}

/* Writes a condition up to its brace. A condition that is not translated becomes a parameter of the site. */
static void action_if(struct connect *c, struct flow_block *block, const char *condition, const char *source)
{
    if (!condition) {
        condition =
            import_declare_decision(c->import, arena_printf(c->arena, "%s_%s", c->flow->name, block->name), source);
        import_remark_line(block->given->out, "not translated: ", source);
        given_remark(block, FLOW_REMARK,
                     "not translated: the condition is the parameter %s of the site: write it, or set that; until then "
                     "it is an error",
                     condition);
        given_say(block, "if %s == none { fail %s; }\n", condition, name_quoted(c->arena, block->name, true));
    }
    given_say(block, "if %s { ", condition);
}

/* Returns the condition over the value, an expression of type str, or with `number` of type int; NULL: it is not
 * translated. */
static const char *action_condition(struct connect *c, struct flow_block *block, const char *value, bool number,
                                    const json_t *condition)
{
    static const struct {
        const char *name, *form;
    } operators[] = {
#define OPERATOR(name, grade, form) {name, form},
#include "compiler/import/connect/actions.def"
    };
    const char *name = json_import_text(c->arena, condition, "Operator"),
               *operand = json_string_value(json_array_get(json_object_get(condition, "Operands"), 0));
    size_t which = 0, count = sizeof operators / sizeof *operators;
    long long figure;
    bool constant;
    while (which < count && strcmp(operators[which].name, name) != 0) which++;
    if (!operand || which == count || !*operators[which].form ||
        json_array_size(json_object_get(condition, "Operands")) != 1)
        return NULL;
    operand = arena_copy(c->arena, operand, strlen(operand));
    const char *said = connect_value(c, operand, &constant), *form = operators[which].form;
    if (!said || !value) return NULL;
    if (strstr(form, "$n") || number) {
        if (!number_read(operand, strlen(operand), 1000000000, &figure)) return NULL;
        const char *as = number ? value : arena_printf(c->arena, "(int.parse(%s) else 0)", value);
        const struct connect_mark marks[] = {{"$n", as}, {"$v", as}, {"$o", operand}};
        form = connect_form(c->arena, form, marks, sizeof marks / sizeof *marks);
        return number ? form : arena_printf(c->arena, "int.parse(%s) != none and %s", value, form);
    }
    for (const char *at = operand; *at; at++)
        if (isalpha((unsigned char)*at) || (unsigned char)*at >= 0x80) {
            given_remark(block, FLOW_REMARK, "capital and small letters differ here: look whether they do there");
            break;
        }
    const struct connect_mark marks[] = {{"$v", value}, {"$o", said}};
    return connect_form(c->arena, form, marks, sizeof marks / sizeof *marks);
}

static void action_conditions(struct connect *c, struct flow_block *block, json_t *action, const char *value,
                              bool number)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(json_object_get(action, "Transitions"), "Conditions"), i, one)
    {
        json_t *condition = json_object_get(one, "Condition");
        const char *operand = json_string_value(json_array_get(json_object_get(condition, "Operands"), 0));
        operand = operand ? arena_copy(c->arena, operand, strlen(operand)) : "";
        action_if(c, block, action_condition(c, block, value, number, condition), operand);
        connect_on(block, GIVEN_WAY, operand, connect_number(c, json_import_text(c->arena, one, "NextAction")));
        given_say(block, " }\n");
    }
    connect_on(block, GIVEN_FALL, "NoMatchingCondition", connect_error(c, action, "NoMatchingCondition"));
}

static void action_compare(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    bool constant;
    block->given->passes = false;
    const char *value = connect_value(c, json_import_text(c->arena, parameters, "ComparisonValue"), &constant);
    action_conditions(c, block, action, value, false);
}

static void input_store(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters,
                        const char *prompt, const char *key)
{
    const json_t *validation = json_object_get(parameters, "InputValidation"),
                 *custom = json_object_get(validation, "CustomValidation"),
                 *keys = json_object_get(parameters, "DTMFConfiguration");
    const char *most = json_import_text(c->arena, custom, "MaximumLength"),
               *end = json_import_text(c->arena, keys, "InputTerminationSequence"),
               *gap = json_import_text(c->arena, keys, "InterdigitTimeLimitSeconds");
    long long number, seconds = 5;
    if (!number_read(most, strlen(most), 64, &number) || number == 0) number = 20;
    if (!number_read(gap, strlen(gap), 20, &seconds) || seconds == 0) seconds = 5;
    if (json_object_get(validation, "PhoneNumberValidation"))
        given_remark(block, FLOW_REMARK, "not translated: whether it is a telephone number");
    if (json_object_get(parameters, "InputEncryption"))
        given_remark(block, FLOW_REMARK, "not translated: it is encrypted there; write it into a secret key");
    if (strlen(end) != 1 || !strchr("0123456789*#", *end)) {
        if (*end) given_remark(block, FLOW_REMARK, "not translated: the keys %.20s end it", end);
        end = "#";
    }
    c->stores = true;
    given_say(block,
              "let %s = ivr.digits(%s, max: %lld, end: \"%s\", gap: %llds) else \"Timeout\";\nstored_input = %s;\n",
              key, prompt, number, end, seconds, key);
    connect_on(block, GIVEN_FALL, "", connect_next(c, action));
}

static void action_input(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    const char *prompt = action_prompt(c, block, action, parameters), *pairs = "",
               *key = name_fresh(c->arena, c->flow->taken, &c->import->names, "key");
    if (!prompt || json_object_get(parameters, "LexV2Bot") || json_object_get(parameters, "LexBot")) {
        quote_action(c, block, action, parameters, prompt ? "it asks a bot" : "what it plays is SSML, or computed");
        return;
    }
    bool stores = strcasecmp(json_import_text(c->arena, parameters, "StoreInput"), "true") == 0;
    bool named = strncmp(prompt, "prompt ", 7) == 0;
    block->given->first = named    ? arena_printf(c->arena, stores ? "ivr.digits(%s)" : "ivr.menu(%s)", prompt)
                          : stores ? "ivr.digits"
                                   : "ivr.menu";
    block->given->answers = arena_printf(c->arena, "%s -> fail no_input;", block->given->first);
    if (stores) {
        input_store(c, block, action, parameters, prompt, key);
        return;
    }
    for (const char *one = "0123456789*#"; *one; one++)
        pairs = arena_printf(c->arena, "%s%s\"%c\": \"%c\"", pairs, *pairs ? ", " : "", *one, *one);
    given_say(block, "let %s = ivr.menu(%s, [%s]) else \"\";\nif %s == \"\" { ", key, prompt, pairs, key);
    connect_on(block, GIVEN_WAY, "InputTimeLimitExceeded", connect_error(c, action, "InputTimeLimitExceeded"));
    given_say(block, " }\n");
    action_conditions(c, block, action, key, false);
}

static void action_hours(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    const char *name = connect_name(c, action, parameters, "HoursOfOperationId", "Hours"), *schedule = NULL;
    if (name)
        schedule = flow_names_find(&c->import->site_names, arena_printf(c->arena, "schedule of %s", name))
                       ? arena_printf(
                             c->arena, "%s",
                             (const char *)((const struct site_name *)flow_names_find(
                                                &c->import->site_names, arena_printf(c->arena, "schedule of %s", name)))
                                 ->doc)
                       : NULL;
    uint32_t to[2] = {connect_error(c, action, "NoMatchingCondition"), connect_error(c, action, "NoMatchingCondition")};
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(json_object_get(action, "Transitions"), "Conditions"), i, one)
    {
        const char *operand =
            json_string_value(json_array_get(json_object_get(json_object_get(one, "Condition"), "Operands"), 0));
        uint32_t number = connect_number(c, json_import_text(c->arena, one, "NextAction"));
        if (operand && strcasecmp(operand, "true") == 0) to[1] = number;
        if (operand && strcasecmp(operand, "false") == 0) to[0] = number;
    }
    if (!schedule) given_remark(block, FLOW_REMARK, "no file has the hours %s", name ? name : "of the queue");
    action_if(c, block, schedule ? arena_printf(c->arena, "%s.open()", schedule) : NULL,
              name ? name : "the hours of the queue");
    connect_on(block, GIVEN_WAY, "True", to[1]);
    given_say(block, " }\n");
    connect_on(block, GIVEN_FALL, "False", to[0]);
}

static void action_queue(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    const char *name = connect_name(c, action, parameters, "QueueId", "queue");
    c->queues = true;
    block->given->passes = true;
    if (name) {
        const char *vq = site_declare(c->import, "vq", name, ""), *group = site_declare(c->import, "group", name, "");
        given_say(block, "working_vq = vq %s;\nworking_group = group %s;\n", vq, group);
        connect_on(block, GIVEN_FALL, "", connect_next(c, action));
        return;
    }
    given_say(block, "working_vq = none;\nworking_group = none;\n");
    quote_action(c, block, action, parameters, "the queue is computed, or that of an agent");
}

static void action_transfer(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    (void)parameters;
    uint32_t error = connect_error(c, action, "NoMatchingError");
    c->queues = true;
    given_say(block, "if working_vq == none { ");
    connect_on(block, GIVEN_WAY, "NoMatchingError", error);
    given_say(block, " }\nif working_group == none { ");
    connect_on(block, GIVEN_WAY, "NoMatchingError", error);
    given_say(block,
              " }\nconnect in vq working_vq { group working_group; } answer 20s timeout %ds busy { ivr.music(prompt "
              "%s, 30s); } "
              "else { stop \"nobody was there in time\"; };\n",
              CONNECT_DAY, site_declare(c->import, "prompt", "queue music", "what the customer queue flow plays"));
    block->given->ends = true;
}

/* Returns the flow that the action names: by the name that the editor shows, or by the end of its ARN; NULL: no file
 * has it. */
static struct connect_file *transfer_target(struct connect_files *all, const struct connect_file *from,
                                            const json_t *action)
{
    struct arena *arena = all->import->arena;
    const json_t *about = json_object_get(json_object_get(json_object_get(from->value, "Metadata"), "ActionMetadata"),
                                          json_import_text(arena, action, "Identifier"));
    const char *arn = json_import_text(arena, json_object_get(action, "Parameters"), "ContactFlowId"),
               *slash = strrchr(arn, '/'),
               *name = json_import_text(arena, json_object_get(json_object_get(about, "parameters"), "ContactFlowId"),
                                        "displayName");
    if (!*name) name = json_import_text(arena, json_object_get(about, "ContactFlow"), "text");
    for (struct connect_file *file = all->files; file; file = file->next)
        if (file->flow && ((*name && strcmp(file->flow->name, name) == 0) ||
                           (*file->id && strcmp(file->id, slash ? slash + 1 : arn) == 0)))
            return file;
    return NULL;
}

/* Notes the flows to which the flow transfers. */
static void transfer_find(struct connect_files *all, struct connect_file *file)
{
    const json_t *actions = json_object_get(file->value, "Actions");
    size_t i;
    json_t *action;
    file->targets = ARENA_ARRAY(all->import->arena, struct connect_file *, json_array_size(actions) + 1);
    json_array_foreach(actions, i, action)
    {
        const char *type = json_string_value(json_object_get(action, "Type"));
        struct connect_file *target =
            type && strcmp(type, "TransferToFlow") == 0 ? transfer_target(all, file, action) : NULL;
        if (target) file->targets[file->target_count++] = target;
    }
}

/* Do transfers lead from one flow to the other? Of a longer chain than CONNECT_TRANSFERS the answer is yes. */
static bool transfer_leads(struct connect_files *all, const struct connect_file *from, const struct flow *to,
                           unsigned depth)
{
    if (from->flow == to || depth == CONNECT_TRANSFERS) return true;
    from->flow->looked = all->import->searches;
    for (uint32_t i = 0; i < from->target_count; i++)
        if (from->targets[i]->flow->looked != all->import->searches &&
            transfer_leads(all, from->targets[i], to, depth + 1))
            return true;
    return false;
}

static void action_transfer_flow(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    const struct connect_file *target = transfer_target(c->all, c->file, action);
    const char *name = connect_name(c, action, parameters, "ContactFlowId", "ContactFlow"), *arguments = "";
    if (!target || target->flow->entry == FLOW_NOWHERE) { /* a flow without a first action becomes no strategy */
        given_remark(block, FLOW_LEFT,
                     name ? "not translated: no file has the flow %.60s" : "not translated: the flow is computed%s",
                     name ? name : "");
        given_say(block, "fail %s;\n", name_quoted(c->arena, block->type, true));
        return;
    }
    c->import->searches++;
    if (transfer_leads(c->all, target, c->flow, 0))
        given_remark(block, FLOW_REMARK,
                     "flows that lead to each other: here fifty times at once at most, and Loop counts anew each time");
    if (c->all->external) given_remark(block, FLOW_REMARK, "$.External is not handed to the other flow here");
    if (c->all->queues) arguments = "given_vq: working_vq, given_group: working_group";
    if (c->all->stores)
        arguments = arena_printf(c->arena, "%s%sgiven_input: stored_input", arguments, *arguments ? ", " : "");
    given_say(block, *arguments ? "switch to %s(%s);\n" : "switch to %s;\n", target->flow->ident, arguments);
    block->given->ends = true;
    if (target->flow != c->flow) flow_names_add(c->arena, &c->switches, target->flow->ident, c->flow);
}

static void action_attributes(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    const char *key;
    bool constant;
    json_t *value, *all = json_object_get(parameters, "Attributes");
    const char *target = json_import_text(c->arena, parameters, "TargetContact");
    block->given->passes = true;
    if (!json_is_object(all) || (*target && strcmp(target, "Current") != 0)) {
        quote_action(c, block, action, parameters, "attributes of another contact, or of another form");
        return;
    }
    json_object_foreach(all, key, value)
    {
        const char *name = arena_copy(c->arena, key, strlen(key)),
                   *said = connect_value(c, json_import_text(c->arena, all, name), &constant);
        if (said && !json_is_object(value) && strlen(name) < 100) {
            given_say(block, "attach user_data[%s] = %s;\n", name_quoted(c->arena, name, true), said);
            continue;
        }
        given_say(block, "attach user_data[%s] = \"\";\n", name_quoted(c->arena, name, true));
        given_remark(block, FLOW_LEFT, "not translated: %.60s = %.100s", name, json_import_text(c->arena, all, name));
    }
    connect_on(block, GIVEN_FALL, "", connect_next(c, action));
}

static void action_routing(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    const char *priority = json_import_text(c->arena, parameters, "QueuePriority");
    long long number;
    block->given->passes = true;
    if (*json_import_text(c->arena, parameters, "QueueTimeAdjustmentSeconds"))
        given_remark(block, FLOW_REMARK, "not translated: QueueTimeAdjustmentSeconds: raise priority instead");
    if (*priority && !number_read(priority, strlen(priority), 1000000000, &number)) {
        quote_action(c, block, action, parameters, "the priority is computed");
        return;
    }
    if (*priority) given_say(block, "priority = 5 - %lld;\n", number);
    connect_on(block, GIVEN_FALL, "", connect_next(c, action));
}

static void action_disconnect(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    (void)c, (void)action, (void)parameters;
    given_say(block, "stop %s;\n", name_quoted(c->arena, block->type, true));
    block->given->first = "stopped";
    block->given->ends = true;
}

static void action_loop(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    const char *count = json_import_text(c->arena, parameters, "LoopCount"),
               *rounds = name_fresh(c->arena, c->flow->taken, &c->import->names, "rounds");
    uint32_t on = connect_next(c, action), done = on;
    long long number;
    size_t i;
    json_t *one;
    if (!number_read(count, strlen(count), 1000, &number)) {
        quote_action(c, block, action, parameters, "the number of rounds is computed");
        return;
    }
    json_array_foreach(json_object_get(json_object_get(action, "Transitions"), "Conditions"), i, one)
    {
        const char *operand =
            json_string_value(json_array_get(json_object_get(json_object_get(one, "Condition"), "Operands"), 0));
        uint32_t to = connect_number(c, json_import_text(c->arena, one, "NextAction"));
        if (operand && strcmp(operand, "ContinueLooping") == 0) on = to;
        if (operand && strcmp(operand, "DoneLooping") == 0) done = to;
    }
    c->lets = arena_printf(c->arena, "%slet %s = 0;\n", c->lets, rounds);
    given_say(block, "if %s < %lld { %s += 1; ", rounds, number, rounds);
    connect_on(block, GIVEN_WAY, "ContinueLooping", on);
    given_say(block, " }\n%s = 0;\n", rounds);
    connect_on(block, GIVEN_FALL, "DoneLooping", done);
}

static void action_wait(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    const char *seconds = json_import_text(c->arena, parameters, "TimeLimitSeconds");
    long long number;
    uint32_t to = connect_next(c, action);
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(json_object_get(action, "Transitions"), "Conditions"), i, one)
    {
        const char *operand =
            json_string_value(json_array_get(json_object_get(json_object_get(one, "Condition"), "Operands"), 0));
        if (operand && strcmp(operand, "WaitCompleted") == 0)
            to = connect_number(c, json_import_text(c->arena, one, "NextAction"));
    }
    if (!number_read(seconds, strlen(seconds), 7 * CONNECT_DAY, &number)) {
        quote_action(c, block, action, parameters, "how long it waits is computed");
        return;
    }
    if (number > 0) given_say(block, "delay %llds;\n", number);
    connect_on(block, GIVEN_FALL, "WaitCompleted", to);
}

static void action_lambda(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    const char *arn = json_import_text(c->arena, parameters, "LambdaFunctionARN"), *colon = strrchr(arn, ':');
    const char *given = json_import_text(c->arena, parameters, "InvocationTimeLimitSeconds"), *arguments = "",
               *declared = "";
    const char *key;
    json_t *value, *all = json_object_get(parameters, "LambdaInvocationAttributes");
    struct flow_names taken = {0};
    long long seconds;
    unsigned count = 0;
    bool constant;
    if (strncmp(arn, "$", 1) == 0 || !*arn) {
        quote_action(c, block, action, parameters, "the function is computed");
        return;
    }
    if (!number_read(given, strlen(given), 60, &seconds) || seconds == 0) seconds = 3;
    block->own = name_fresh(c->arena, &c->import->endpoints, NULL, colon && colon[1] ? colon + 1 : arn);
    json_object_foreach(all, key, value)
    {
        const char *name = arena_copy(c->arena, key, strlen(key)),
                   *said = connect_value(c, json_import_text(c->arena, all, name), &constant);
        if (!said || ++count > 12) {
            given_remark(block, FLOW_REMARK, "not translated: the attribute %.60s", name);
            continue;
        }
        name = name_fresh(c->arena, &taken, NULL, name);
        declared = arena_printf(c->arena, "%s%s%s: str", declared, *declared ? ", " : "", name);
        arguments = arena_printf(c->arena, "%s%s%s", arguments, *arguments ? ", " : "", said);
    }
    import_declare_whole(c->import, "endpoint", block->own,
                         arena_printf(c->arena, "endpoint %s(%s): map<str> = post \"/%s\" timeout %llds;", block->own,
                                      declared, block->own, seconds));
    c->external = true;
    const char *answer = name_fresh(c->arena, c->flow->taken, &c->import->names, "answer");
    given_say(block, "let %s = http.%s(%s) ", answer, block->own, arguments);
    connect_else(c, block, action, "NoMatchingError");
    given_say(block, "external = %s;\n", answer);
    block->given->answers = arena_printf(c->arena, "http.%s -> fail unavailable;", block->own);
    block->given->first = arena_printf(c->arena, "http.%s", block->own);
    connect_on(block, GIVEN_FALL, "", connect_next(c, action));
}

static void action_metric(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    static const struct {
        const char *type, *form;
    } metrics[] = {
#define METRIC(type, form) {type, form},
#include "compiler/import/connect/actions.def"
    };
    const char *type = json_import_text(c->arena, parameters, "MetricType"),
               *name = connect_name(c, action, parameters, "QueueId", "queue"), *value = NULL;
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics && name; i++)
        if (strcmp(metrics[i].type, type) == 0) {
            site_declare(c->import, "vq", name, "");
            const struct connect_mark queue = {"$q", site_declare(c->import, "group", name, "")};
            value = connect_form(c->arena, metrics[i].form, &queue, 1);
        }
    action_conditions(c, block, action, value, true);
}

static void action_recording(struct connect *c, struct flow_block *block, json_t *action, json_t *parameters)
{
    const json_t *recorded = json_object_get(json_object_get(parameters, "RecordingBehavior"), "RecordedParticipants");
    bool some = json_array_size(recorded) > 0 || json_object_get(parameters, "VoiceBehavior");
    given_say(block, "recording.%s() else {};\n", some ? "start" : "stop");
    connect_on(block, GIVEN_FALL, "", connect_next(c, action));
}

static const struct {
    const char *type;
    connect_write *write;
    enum flow_grade grade;
    const char *remark;
} connect_actions[] = {
#define ACTION(type, function, grade, becomes, remark) {type, action_##function, FLOW_##grade, remark},
#include "compiler/import/connect/actions.def"
};

/* ---- hours ---- */

/* Declares a schedule for these hours; the import's table has its name as "schedule of NAME". */
static void connect_hours(struct connect_files *all, const json_t *hours)
{
    static const char *const days[][2] = {{"MONDAY", "mon"},   {"TUESDAY", "tue"}, {"WEDNESDAY", "wed"},
                                          {"THURSDAY", "thu"}, {"FRIDAY", "fri"},  {"SATURDAY", "sat"},
                                          {"SUNDAY", "sun"}};
    struct importer *import = all->import;
    const char *name = json_import_text(import->arena, hours, "Name"),
               *zone = json_import_text(import->arena, hours, "TimeZone"), *lines = "";
    if (!*name || !zone_exists(zone)) return;
    for (size_t day = 0; day < sizeof days / sizeof *days; day++) {
        const char *periods = "";
        size_t i;
        json_t *one;
        json_array_foreach(json_object_get(hours, "Config"), i, one)
        {
            long long times[4];
            bool good = i < CONNECT_PERIODS && strcmp(json_import_text(import->arena, one, "Day"), days[day][0]) == 0;
            for (size_t j = 0; j < 4 && good; j++) {
                const char *text = json_import_text(
                    import->arena, json_object_get(one, j < 2 ? "StartTime" : "EndTime"), j % 2 ? "Minutes" : "Hours");
                good = number_read(text, strlen(text), j % 2 ? 59 : 23, &times[j]);
            }
            if (good)
                periods = arena_printf(import->arena, "%s%s%02lld:%02lld..%02lld:%02lld", periods, *periods ? ", " : "",
                                       times[0], times[1], times[2], times[3]);
        }
        if (*periods) lines = arena_printf(import->arena, "%s    %s %s;\n", lines, days[day][1], periods);
    }
    const char *ident = name_fresh(import->arena, &import->names, NULL, arena_printf(import->arena, "%s_hours", name));
    import_declare_whole(import, "schedule", ident,
                         arena_printf(import->arena, "schedule %s zone %s {\n%s}", ident,
                                      name_quoted(import->arena, zone, true),
                                      *lines ? lines : "    mon..sun closed;\n"));
    struct site_name *row = ARENA_NEW(import->arena, struct site_name);
    row->doc = ident;
    flow_names_add(import->arena, &import->site_names, arena_printf(import->arena, "schedule of %s", name), row);
}

/* ---- the flow ---- */

static void connect_ids(struct connect *c, const json_t *actions)
{
    size_t i;
    json_t *action;
    json_array_foreach(actions, i, action)
    {
        uint32_t *number = ARENA_NEW(c->arena, uint32_t);
        *number = (uint32_t)i;
        flow_names_add(c->arena, &c->ids, json_import_text(c->arena, action, "Identifier"), number);
    }
}

/* Returns the action's name in the editor; where it has none, the beginning of its identifier. */
static const char *connect_label(struct connect *c, const json_t *action, const char *type)
{
    const char *id = json_import_text(c->arena, action, "Identifier");
    const json_t *about = json_object_get(json_object_get(c->metadata, "ActionMetadata"), id);
    const char *name = json_import_text(c->arena, about, "friendlyName");
    return *name ? name : arena_printf(c->arena, "%.40s %.8s", type, id);
}

/* Makes the flow, so that others can transfer to it, and notes what it uses. */
static void connect_name_flow(struct connect_files *all, struct connect_file *file)
{
    struct arena *arena = all->import->arena;
    const char *slash = strrchr(file->path, '/'), *base = slash ? slash + 1 : file->path,
               *name = json_import_text(arena, json_object_get(file->value, "Metadata"), "name");
    if (!*name) name = file->name;
    if (!*name) name = arena_copy(arena, base, strcspn(base, "."));
    file->flow = ARENA_NEW(arena, struct flow);
    *file->flow = (struct flow){.sort = FLOW_CALLFLOW, .path = file->path, .name = name};
    import_flow_add(all->import, file->flow, name);
    const char *start = json_import_text(arena, file->value, "StartAction");
    file->flow->entry = FLOW_NOWHERE;
    size_t i;
    json_t *action;
    json_array_foreach(json_object_get(file->value, "Actions"), i,
                       action) if (*start && strcmp(json_import_text(arena, action, "Identifier"), start) == 0)
        file->flow->entry = 0;
    all->queues = all->queues || strstr(file->bytes, "TransferContactToQueue");
    all->stores = all->stores || strstr(file->bytes, "StoredCustomerInput");
    all->external = all->external || strstr(file->bytes, "$.External.");
    all->transfers = all->transfers || strstr(file->bytes, "TransferToFlow");
}

/* Returns the parameters by which a flow is handed what Connect keeps of the contact; NULL: none. */
static const char *connect_parameters(struct connect *c)
{
    if (!c->all->transfers || (!c->all->queues && !c->all->stores)) return NULL;
    c->queues = c->queues || c->all->queues, c->stores = c->stores || c->all->stores;
    return arena_printf(c->arena, "(%s%s%s)", c->all->queues ? "given_vq: vq? = none, given_group: group? = none" : "",
                        c->all->queues && c->all->stores ? ", " : "", c->all->stores ? "given_input: str = \"\"" : "");
}

static void connect_flow(struct connect_files *all, const struct connect_file *file)
{
    struct importer *import = all->import;
    struct connect c = {.all = all, .import = import, .arena = import->arena, .file = file, .lets = ""};
    json_t *actions = json_object_get(file->value, "Actions"), *action;
    c.metadata = json_object_get(file->value, "Metadata");
    c.flow = file->flow;
    c.flow->taken = ARENA_NEW(c.arena, struct flow_names);
    static char there[] = "";
    static const char *const own[] = {"working_vq", "working_group", "stored_input", "external",
                                      "given_vq",   "given_group",   "given_input"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) flow_names_add(c.arena, c.flow->taken, own[i], there);
    connect_ids(&c, actions);
    c.flow->entry = connect_number(&c, json_import_text(c.arena, file->value, "StartAction"));
    c.flow->blocks = ARENA_ARRAY(c.arena, struct flow_block, json_array_size(actions) + 1);
    c.flow->block_count = (uint32_t)json_array_size(actions);
    size_t i;
    json_array_foreach(actions, i, action)
    {
        struct flow_block *block = &c.flow->blocks[i];
        const char *type = json_import_text(c.arena, action, "Type"),
                   *id = json_import_text(c.arena, action, "Identifier");
        size_t which = 0, count = sizeof connect_actions / sizeof *connect_actions;
        while (which < count && strcmp(connect_actions[which].type, type) != 0) which++;
        *block = (struct flow_block){.type = type, .id = id, .name = connect_label(&c, action, type)};
        block->line = *id ? json_import_line(file->bytes, arena_printf(c.arena, "\"Identifier\": \"%s\"", id), 0) : 1;
        given_new(c.arena, block, which < count ? connect_actions[which].grade : FLOW_LEFT,
                  which < count ? connect_actions[which].remark : "the importer does not know this action");
        json_t *parameters = json_object_get(action, "Parameters");
        c.block = block;
        if (which < count)
            connect_actions[which].write(&c, block, action, parameters);
        else
            action_left(&c, block, action, parameters);
        given_close(block);
    }
    const char *parameters = c.flow->parameters = connect_parameters(&c);
    bool queues = parameters && all->queues, stores = parameters && all->stores;
    c.flow->lets = arena_printf(c.arena, "%s%s%s%s", c.lets,
                                !c.queues ? ""
                                : queues ? "let working_vq: vq? = given_vq;\nlet working_group: group? = given_group;\n"
                                         : "let working_vq: vq? = none;\nlet working_group: group? = none;\n",
                                !c.stores ? ""
                                : stores  ? "let stored_input = given_input;\n"
                                          : "let stored_input = \"\";\n",
                                c.external ? "let external: map<str> = [:];\n" : "");
    struct flow_names *switches = ARENA_NEW(c.arena, struct flow_names);
    *switches = c.switches;
    c.flow->switches = switches;
}

void connect_finish(struct connect_files *all)
{
    size_t i;
    json_t *hours;
    for (struct connect_file *file = all->files; file; file = file->next) {
        if (json_object_get(file->value, "HoursOfOperation"))
            connect_hours(all, json_object_get(file->value, "HoursOfOperation"));
        json_array_foreach(json_object_get(file->value, "HoursOfOperations"), i, hours) connect_hours(all, hours);
    }
    for (struct connect_file *file = all->files; file; file = file->next)
        if (json_object_get(file->value, "Actions")) connect_name_flow(all, file);
    for (struct connect_file *file = all->files; file; file = file->next)
        if (file->flow) transfer_find(all, file);
    for (const struct connect_file *file = all->files; file; file = file->next)
        if (file->flow) connect_flow(all, file);
}
