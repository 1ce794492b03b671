/* compiler/import/scxml.c - Reads generated SCXML. Each block of the diagram is a state of its name; a block's
 * additional states are called _reserved_NAME_..., and their content tells the kind of the block.
 *
 *     <state id="Ask">  <state id="_reserved_Ask_1"> <play .../> <transition target="Next"/> </state>  </state>
 *      |                                             |            |
 *      block "Ask"                                   a prompt     its way out: to the block that owns the target
 *
 *     scxml_collect()   numbers the blocks by name
 *     scxml_block()     per block: scxml_look() finds its kind, scxml_exits() its exits; then properties are read
 */
#include "compiler/import/scxml.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/import/script.h"
#include "compiler/import/number.h"
#include "compiler/import/writer.h"
#include "base/why.h"

enum { SCXML_PARTS = 500 /* limits for one block: exits, properties */, SCXML_VARIABLES = 2000 };

#define SCXML_RESERVED "_reserved_"

struct scxml_reader {
    struct arena *arena;
    struct flow *flow;
    struct flow_names blocks;       /* the numbers of the states, from 1, by name */
    const struct xml_node **states; /* of each block */
    const char *initial;
    unsigned parts; /* the number of properties of the current block */
};

static bool scxml_is_state(const struct xml_node *element)
{
    return strcmp(element->name, "state") == 0 || strcmp(element->name, "final") == 0 ||
           strcmp(element->name, "parallel") == 0;
}

/* Returns the block's name where the element is its state; NULL: the element is no state, or an additional state of
 * a block. */
static const char *scxml_block_name(const struct xml_node *element)
{
    const char *id = scxml_is_state(element) ? xmi_value(element, "id") : NULL;
    return id && *id && *id != '_' ? id : NULL;
}

static const char *scxml_target(const char *target)
{
    const char *dot = strrchr(target, '.');
    return dot ? dot + 1 : target;
}

/* Returns the number of the block with this name; FLOW_NOWHERE: there is none. */
static uint32_t scxml_number(const struct scxml_reader *r, const char *name)
{
    const uint32_t *number = flow_names_find(&r->blocks, name);
    return number ? *number : FLOW_NOWHERE;
}

/* Returns the block to which a state belongs: of that name, or the one with the longest name that fits an additional
 * state. */
static uint32_t scxml_owner(struct scxml_reader *r, const char *target)
{
    const char *id = scxml_target(target);
    if (strncmp(id, SCXML_RESERVED, strlen(SCXML_RESERVED)) != 0) return scxml_number(r, id);
    char *name = arena_copy(r->arena, id + strlen(SCXML_RESERVED), strlen(id) - strlen(SCXML_RESERVED));
    for (char *end; (end = strrchr(name, '_'));) {
        *end = '\0';
        if (scxml_number(r, name) != FLOW_NOWHERE) return scxml_number(r, name);
    }
    return FLOW_NOWHERE;
}

/* Goes through the parts of a block's state, without states of other blocks. */
struct scxml_found {
    const struct xml_node *submit, *fetch, *start, *sound, *play, *collect, *redirect, *end, *send;
    char *script; /* all scripts except those that only store the event */
    size_t script_length, script_room;
    bool entry, data, parallel;
    unsigned conditions;
};

/* True: the script only stores the event, or raises one: the generator adds such scripts, and they tell nothing
 * about the block. */
static bool scxml_own_script(const char *text)
{
    while (*text && strchr(" \t\r\n", *text)) text++;
    return *text && !strstr(text, "storeEvent(") && !strstr(text, "storeException(") && !strstr(text, "__Raise(");
}

static void scxml_add_script(struct scxml_reader *r, struct scxml_found *found, const char *text)
{
    size_t length = strlen(text), whole = found->script_length + length + 1;
    if (found->script_length >= SCRIPT_BYTES) return;
    if (whole >= found->script_room) {
        found->script_room = 2 * (whole + 1);
        found->script = arena_grow(r->arena, found->script, found->script_length, found->script_room);
    }
    memcpy(found->script + found->script_length, text, length);
    memcpy(found->script + whole - 1, "\n", 2);
    found->script_length = whole;
}

/* Finds the elements that tell the kind of a block; the first one of each kind counts. Treatments are not searched:
 * their sounds belong to other blocks. */
static void scxml_look(struct scxml_reader *r, const struct xml_node *element, struct scxml_found *found)
{
    static const struct {
        const char *name;
        size_t at;
    } kinds[] = {{"submit", offsetof(struct scxml_found, submit)},
                 {"fetch", offsetof(struct scxml_found, fetch)},
                 {"start", offsetof(struct scxml_found, start)},
                 {"playsound", offsetof(struct scxml_found, sound)},
                 {"play", offsetof(struct scxml_found, play)},
                 {"collect", offsetof(struct scxml_found, collect)},
                 {"playandcollect", offsetof(struct scxml_found, collect)},
                 {"redirect", offsetof(struct scxml_found, redirect)},
                 {"terminate", offsetof(struct scxml_found, end)}};
    for (const struct xml_node *child = element->first; child; child = child->next) {
        if (scxml_block_name(child)) continue;
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
            const struct xml_node **place = (void *)((char *)found + kinds[i].at);
            if (strcmp(kinds[i].name, child->name) == 0 && !*place) *place = child;
        }
        if (strcmp(child->name, "send") == 0 && xmi_value(child, "delay") && !found->send) found->send = child;
        if (strcmp(child->name, "parallel") == 0) found->parallel = true;
        if (strcmp(child->name, "script") == 0) {
            if (strstr(child->text, "system.diagram")) found->entry = true;
            if (strstr(child->text, "Composer_internal_key")) found->data = true;
            if (scxml_own_script(child->text)) scxml_add_script(r, found, child->text);
        }
        const char *condition = strcmp(child->name, "transition") == 0 ? xmi_value(child, "cond") : NULL;
        if (condition && !strstr(condition, "_event.data") && !strstr(condition, "App_") && xmi_value(child, "target"))
            found->conditions++;
        if (strcmp(child->name, "runtreatments") != 0) scxml_look(r, child, found);
    }
}

/* ---- properties, with the names that diagrams use ---- */

/* Adds the attribute as a property that is an expression. Returns NULL where the element or the attribute is
 * missing. */
static struct flow_value *scxml_expression(struct scxml_reader *r, struct flow_block *block, const char *name,
                                           const struct xml_node *element, const char *attribute)
{
    const char *value = element ? xmi_value(element, attribute) : NULL;
    if (!value) return NULL;
    struct flow_value *added = flow_add(r->arena, &block->values, name, value);
    added->source = "Variable";
    return added;
}

/* Adds a property with parts to the block; NULL: it has too many already. */
static struct flow_value *scxml_part(struct scxml_reader *r, struct flow_block *block, const char *name)
{
    return r->parts++ < SCXML_PARTS ? flow_add(r->arena, &block->values, name, "") : NULL;
}

static const char *scxml_unquoted(struct arena *arena, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    if (length < 2 || *text != '\'' || text[length - 1] != '\'') return text ? text : "";
    return arena_copy(arena, text + 1, length - 2);
}

/* Adds a target: a name in quotes is a target whose type is written next to it; a name without quotes is a variable. */
static void scxml_targets(struct scxml_reader *r, struct flow_block *block, const struct xml_node *element)
{
    static const char *const types[][2] = {{"agentgroup", "AgentGroup"},
                                           {"agent", "Agent"},
                                           {"place", "Place"},
                                           {"placegroup", "PlaceGroup"},
                                           {"queue", "Queue"},
                                           {"routepoint", "RoutingPoint"},
                                           {"skill", "Skill"}};
    for (const struct xml_node *child = element->first; child; child = child->next) {
        const char *expression = xmi_value(child, "expr"), *name = xmi_value(child, "name"),
                   *type = xmi_value(child, "type");
        if (strncmp(child->name, "target", 6) == 0 && strcmp(child->name, "targets") != 0 && (expression || name)) {
            struct flow_value *target = scxml_part(r, block, "targets");
            if (!target) return;
            const char *given = expression ? expression : name, *bare = scxml_unquoted(r->arena, given),
                       *as = "AgentGroup";
            for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
                if (strcmp(types[i][0], type) == 0) as = types[i][1];
            flow_add(r->arena, &target->parts, "name", bare);
            flow_add(r->arena, &target->parts, "targetType", strcmp(bare, given) == 0 ? "Variable" : as);
        }
        scxml_targets(r, block, child);
    }
}

/* Returns the first element of that name below; NULL: none. */
static const struct xml_node *scxml_below(const struct xml_node *element, const char *name)
{
    const struct xml_node *below = NULL;
    for (const struct xml_node *child = element->first; child && !below; child = child->next)
        below = strcmp(child->name, name) == 0 ? child : scxml_below(child, name);
    return below;
}

static void scxml_prompts(struct scxml_reader *r, struct flow_block *block, const struct xml_node *element)
{
    for (const struct xml_node *child = element->first; child; child = child->next) {
        const char *text = xmi_value(child, "text");
        struct flow_value *prompt = strcmp(child->name, "prompt") == 0 && text ? scxml_part(r, block, "prompts") : NULL;
        if (prompt) flow_add(r->arena, &prompt->parts, "value", text);
        scxml_prompts(r, block, child);
    }
}

/* Adds properties: the number of digits, the time between them, and the key that ends them. */
static void scxml_digits(struct scxml_reader *r, struct flow_block *block, const struct xml_node *collect)
{
    const struct xml_node *input = scxml_below(collect, "input");
    scxml_prompts(r, block, collect);
    scxml_expression(r, block, "numDigits", input, "max_digits");
    scxml_expression(r, block, "digitTimeout", input, "digit_timeout");
    const char *ends = input ? xmi_value(input, "term_digits") : NULL;
    if (ends) flow_add(r->arena, &block->values, "terminationDigits", scxml_unquoted(r->arena, ends));
}

static void scxml_inputs(struct scxml_reader *r, struct flow_block *block, const struct xml_node *element)
{
    for (const struct xml_node *child = element->first; child; child = child->next) {
        const char *name = xmi_value(child, "name"), *value = xmi_value(child, "expr");
        if (strcmp(child->name, "param") != 0 || !name || !value) continue;
        struct flow_value *input = scxml_part(r, block, "inputParameters");
        if (!input) return;
        flow_add(r->arena, &input->parts, "name", name);
        flow_add(r->arena, &input->parts, "value", value);
        if (strcmp(name, "APP_URI") == 0) flow_add(r->arena, &block->values, "resource", value)->source = "Variable";
    }
}

/* Adds the assignments of a script: attached data that is set, or variables that get results of a step. */
static void scxml_pairs(struct scxml_reader *r, struct flow_block *block, const struct script *list, bool data)
{
    for (const struct script *node = list; node; node = node->next) {
        if (node->kind == SCRIPT_IF || node->kind == SCRIPT_TRY) scxml_pairs(r, block, node->parts, data);
        if (node->kind != SCRIPT_ASSIGN) continue;
        const char *left = import_script_path(r->arena, node->left), *right = import_script_path(r->arena, node->right);
        const char *key = right ? strstr(right, "].udata.") : NULL;
        if (data && left && strncmp(left, "data.", 5) == 0 && !strstr(left, "Composer_internal_key")) {
            struct flow_value *pair = scxml_part(r, block, "assignData");
            if (!pair) return;
            flow_add(r->arena, &pair->parts, "Key", left + 5);
            flow_add(r->arena, &pair->parts, "Value", script_source(r->arena, node->right))->source = "Variable";
        } else if (!data && left && key) {
            struct flow_value *pair = scxml_part(r, block, "parameters");
            if (!pair) return;
            flow_add(r->arena, &pair->parts, "name", key + strlen("].udata."));
            flow_add(r->arena, &pair->parts, "value", left);
            flow_add(r->arena, &pair->parts, "type", "output");
        }
    }
}

/* Returns the variable that receives a value whose expression contains `of`; with `whole`, whose expression is `of`. */
static const char *scxml_result(const struct xml_node *element, const char *of, bool whole)
{
    for (const struct xml_node *child = element->first; child; child = child->next) {
        const char *to = xmi_value(child, "location"), *from = xmi_value(child, "expr"), *below;
        if (strcmp(child->name, "assign") == 0 && to && from &&
            (whole ? strcmp(from, of) == 0 : strstr(from, of) != NULL))
            return to;
        if (!scxml_block_name(child) && (below = scxml_result(child, of, whole))) return below;
    }
    return NULL;
}

/* The order decides where a block does several things: the first kind that fits is taken. */
static enum flow_kind scxml_kind(const struct scxml_found *found, bool leads)
{
    if (found->entry) return FLOW_entry;
    if (found->submit) return FLOW_target;
    if (found->fetch) return FLOW_http;
    if (found->start) return FLOW_application;
    if (found->sound) return FLOW_sound;
    if (found->collect) return FLOW_digits;
    if (found->play) return FLOW_prompt;
    if (found->redirect) return FLOW_force_route;
    if (found->data) return FLOW_user_data;
    if (found->end) return leads ? FLOW_exit : FLOW_disconnect;
    if (found->parallel) return FLOW_begin_parallel;
    if (found->conditions > 0) return FLOW_branch;
    return found->send ? FLOW_wait : FLOW_script;
}

/* Returns the target of the transition that is taken when all paths have ended. */
static const char *scxml_joined(const struct xml_node *element)
{
    const char *event, *below;
    for (const struct xml_node *child = element->first; child; child = child->next) {
        if (strcmp(child->name, "transition") == 0 && (event = xmi_value(child, "event")) &&
            strncmp(event, "done.state.", 11) == 0)
            return xmi_value(child, "target");
        if (!scxml_block_name(child) && (below = scxml_joined(child))) return below;
    }
    return NULL;
}

/* Makes an exit of a transition: for a failure (named by its event), for a condition, or "default". A transition to
 * the block itself, and a second one with the same name and target, are left out. */
static void scxml_exit(struct scxml_reader *r, struct flow_block *block, const struct xml_node *transition, bool branch)
{
    const char *target = xmi_value(transition, "target"), *event = xmi_value(transition, "event"),
               *condition = xmi_value(transition, "cond");
    uint32_t to = target ? scxml_owner(r, target) : FLOW_NOWHERE;
    size_t length = target ? strlen(target) : 0;
    bool path_ends = to != FLOW_NOWHERE && length > 4 && strcmp(target + length - 4, "_end") == 0;
    const char *joined = path_ends ? scxml_joined(r->states[to]) : NULL;
    if (joined) to = scxml_owner(r, joined);
    if (to == FLOW_NOWHERE || &r->flow->blocks[to] == block || block->exit_count >= SCXML_PARTS) return;
    const char *name = "";
    bool failure = event && (strncmp(event, "error", 5) == 0 || strcmp(event, "queue.cancel.done") == 0 ||
                             strcmp(event, "interaction.deleted") == 0 || strcmp(event, "interaction.abandoned") == 0);
    bool decides = branch && condition && !strstr(condition, "_event.data");
    if (failure) name = event;
    if (branch && !failure) name = decides ? arena_printf(r->arena, "condition %u", block->exit_count + 1) : "default";
    if (decides && !failure) {
        struct flow_value *asks = flow_add(r->arena, &block->values, "conditions", "");
        flow_add(r->arena, &asks->parts, "name", name);
        flow_add(r->arena, &asks->parts, "expression", condition);
    }
    for (uint32_t i = 0; i < block->exit_count; i++)
        if (block->exits[i].to == to && strcmp(block->exits[i].name, name) == 0) return;
    block->exits = arena_grow(r->arena, block->exits, block->exit_count * sizeof *block->exits,
                              (block->exit_count + 1) * sizeof *block->exits);
    block->exits[block->exit_count++] = (struct flow_exit){name, failure, to};
}

/* A path of a parallel begins at the `initial` of its state, so that is an exit, too. */
static void scxml_exits(struct scxml_reader *r, struct flow_block *block, const struct xml_node *element, bool branch)
{
    for (const struct xml_node *child = element->first; child; child = child->next) {
        const char *initial = strcmp(child->name, "state") == 0 ? xmi_value(child, "initial") : NULL;
        const char *event = xmi_value(child, "event");
        bool joins = event && strncmp(event, "done.state.", 11) == 0;
        if (strcmp(child->name, "transition") == 0 && !joins) scxml_exit(r, block, child, branch);
        if (!scxml_block_name(child)) scxml_exits(r, block, child, branch);
        if (initial && block->kind == FLOW_begin_parallel) {
            const char *const target[] = {"target", initial, NULL};
            struct xml_node path = {.name = "transition", .attributes = target};
            scxml_exit(r, block, &path, false);
        }
    }
}

/* Returns a whole number of seconds, as blocks of a drawing have it; another duration stays as it is written. */
static const char *scxml_delay(struct arena *arena, const char *delay)
{
    size_t length = strlen(delay), digits = strspn(delay, "0123456789");
    long long number;
    bool thousandth = strcmp(delay + digits, "ms") == 0;
    if (!number_read(delay, digits, 999999999, &number)) return delay;
    if (thousandth && number % 1000 == 0) return arena_printf(arena, "%lld", number / 1000);
    return strcmp(delay + digits, "s") == 0 ? arena_copy(arena, delay, length - 1) : delay;
}

static void scxml_block(struct scxml_reader *r, struct flow_block *block, const struct xml_node *state)
{
    static const char *const types[FLOW_KINDS] = {[FLOW_entry] = "Entry",
                                                  [FLOW_exit] = "Exit",
                                                  [FLOW_disconnect] = "Disconnect",
                                                  [FLOW_script] = "EcmaScript",
                                                  [FLOW_branch] = "Branching",
                                                  [FLOW_wait] = "Wait",
                                                  [FLOW_begin_parallel] = "BeginParallel",
                                                  [FLOW_user_data] = "UserData",
                                                  [FLOW_target] = "Target",
                                                  [FLOW_force_route] = "ForceRoute",
                                                  [FLOW_application] = "PlayApplication",
                                                  [FLOW_sound] = "PlaySound",
                                                  [FLOW_digits] = "UserInput",
                                                  [FLOW_prompt] = "PlayMessage",
                                                  [FLOW_http] = "HTTPRest"};
    struct scxml_found found = {.script = arena_copy(r->arena, "", 0)};
    r->parts = 0;
    scxml_look(r, state, &found);
    scxml_exits(r, block, state, found.conditions > 0 && !found.submit && !found.fetch && !found.data && !found.end);
    block->kind = scxml_kind(&found, strcmp(state->name, "final") != 0);
    if (block->kind == FLOW_begin_parallel) scxml_exits(r, block, state, false);
    bool nothing = block->kind == FLOW_branch || (block->kind == FLOW_script && !*found.script);
    if (nothing && block->exit_count == 0) block->kind = FLOW_exit;
    block->type = types[block->kind];
    flow_kind_of(block->type, &block->grade, &block->remark);
    if (block->kind == FLOW_script) flow_add(r->arena, &block->values, "script", found.script);
    if (found.submit) {
        scxml_expression(r, block, "virtualQueue", found.submit, "queue");
        scxml_expression(r, block, "timeout", found.submit, "timeout");
        scxml_expression(r, block, "priority", found.submit, "priority");
        scxml_targets(r, block, found.submit);
        flow_add(r->arena, &block->values, "route", found.redirect ? "true" : "false");
    } else if (found.fetch) {
        const char *result = scxml_result(state, "['data']", false), *status = scxml_result(state, "200", true);
        const struct xml_node *content = scxml_below(found.fetch, "content");
        scxml_expression(r, block, "uri", found.fetch, "srcexpr");
        flow_add(r->arena, &block->values, "requestMethod", scxml_unquoted(r->arena, xmi_value(found.fetch, "method")));
        scxml_inputs(r, block, found.fetch);
        if (result) flow_add(r->arena, &block->values, "outputResult", result);
        if (status) flow_add(r->arena, &block->values, "statusCode", status);
        if (content && !scxml_expression(r, block, "jsonPayload", content, "expr"))
            scxml_expression(r, block, "jsonPayload", content, "_expr");
        if (xmi_value(found.fetch, "timeout"))
            flow_add(r->arena, &block->values, "timeout", xmi_value(found.fetch, "timeout"));
    } else if (found.start) {
        scxml_inputs(r, block, found.start);
        scxml_pairs(r, block, script_statements(r->arena, found.script), false);
    } else if (found.collect) {
        const char *digits = scxml_result(state, "_event.data.digits", false);
        scxml_digits(r, block, found.collect);
        if (digits) flow_add(r->arena, &block->values, "collectedDigitsVariable", digits);
    } else if (found.play) {
        scxml_prompts(r, block, found.play);
    } else if (found.sound) {
        flow_add(r->arena, &block->values, "soundType",
                 strstr(scxml_unquoted(r->arena, xmi_value(found.sound, "type")), "ringback") ? "RingBack" : "Music");
        scxml_expression(r, block, "duration", found.sound, "duration");
    } else if (found.redirect) {
        scxml_expression(r, block, "destination", found.redirect, "to");
    } else if (found.data) {
        scxml_pairs(r, block, script_statements(r->arena, found.script), true);
    } else if (found.send && block->kind == FLOW_wait) {
        const char *delay = scxml_unquoted(r->arena, xmi_value(found.send, "delay"));
        flow_add(r->arena, &block->values, "timeout", scxml_delay(r->arena, delay));
    }
}

/* ---- the document ---- */

static uint32_t scxml_count(const struct xml_node *element)
{
    uint32_t count = 0;
    for (const struct xml_node *child = element->first; child; child = child->next)
        count += scxml_count(child) + (scxml_block_name(child) != NULL);
    return count;
}

/* Finds the blocks; if two states have one name, only the first is a block. */
static void scxml_collect(struct scxml_reader *r, const struct xml_node *element)
{
    for (const struct xml_node *child = element->first; child; child = child->next) {
        const char *name = scxml_block_name(child), *initial = xmi_value(child, "initial");
        if (initial && scxml_is_state(child) && !r->initial) r->initial = scxml_target(initial);
        if (name) {
            struct flow_block *block = &r->flow->blocks[r->flow->block_count];
            uint32_t *number = ARENA_NEW(r->arena, uint32_t);
            *number = r->flow->block_count;
            *block = (struct flow_block){.id = name, .name = name, .line = child->line, .type = "", .remark = ""};
            if (flow_names_add(r->arena, &r->blocks, name, number)) r->states[r->flow->block_count++] = child;
        }
        scxml_collect(r, child);
    }
}

/* Reads `var x = value;` before the blocks: the variables of the diagram. */
static void scxml_variables(struct scxml_reader *r, const struct xml_node *element)
{
    for (const struct xml_node *child = element->first; child; child = child->next) {
        if (scxml_block_name(child)) continue;
        const struct script *list =
            strcmp(child->name, "script") == 0 ? script_statements(r->arena, child->text) : NULL;
        for (const struct script *node = list; node; node = node->next) {
            if (node->kind != SCRIPT_ASSIGN || node->left->kind != SCRIPT_NAME || node->right->kind == SCRIPT_NEW ||
                strcmp(node->left->text, "system") == 0)
                continue;
            struct flow *flow = r->flow;
            flow->variables = arena_grow(r->arena, flow->variables, flow->variable_count * sizeof *flow->variables,
                                         (flow->variable_count + 1) * sizeof *flow->variables);
            flow->variables[flow->variable_count++] =
                (struct flow_variable){.name = node->left->text, .value = script_source(r->arena, node->right)};
            if (flow->variable_count >= SCXML_VARIABLES) return;
        }
        scxml_variables(r, child);
    }
}

/* Returns the flow; NULL with a reason in `why`. The entry is the document's `initial`, else the first block of kind
 * entry, else the first. */
struct flow *scxml_read(struct arena *arena, const char *path, const struct xml_node *root, char *why, size_t why_size)
{
    struct scxml_reader r = {.arena = arena, .flow = ARENA_NEW(arena, struct flow)};
    uint32_t count = scxml_count(root);
    if (count == 0 || count > FLOW_BLOCKS) {
        why_set(why, why_size, count ? "it has more than %d states" : "it has no states that stand for blocks",
                FLOW_BLOCKS);
        return NULL;
    }
    const char *name = xmi_value(root, "name");
    *r.flow = (struct flow){
        .sort = FLOW_WORKFLOW, .generated = true, .path = path, .name = name ? name : "", .entry = FLOW_NOWHERE};
    r.flow->blocks = ARENA_ARRAY(arena, struct flow_block, count + 1);
    r.states = ARENA_ARRAY(arena, const struct xml_node *, count + 1);
    scxml_collect(&r, root);
    scxml_variables(&r, root);
    for (uint32_t i = 0; i < r.flow->block_count; i++) scxml_block(&r, &r.flow->blocks[i], r.states[i]);
    r.flow->entry = r.initial ? scxml_owner(&r, r.initial) : FLOW_NOWHERE;
    for (uint32_t i = 0; i < r.flow->block_count && r.flow->entry == FLOW_NOWHERE; i++)
        if (r.flow->blocks[i].kind == FLOW_entry) r.flow->entry = i;
    if (r.flow->entry == FLOW_NOWHERE) r.flow->entry = 0;
    return r.flow;
}
