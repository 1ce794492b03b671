/* compiler/import/taskrouter/taskrouter.c - Writes workflows of TaskRouter as strategies.
 *
 *     filter      if <expression> { the first of its targets }, else the next filter
 *     target      priority, then connect in vq Q { group Q and <expression>; }; in vain: the next target
 *     the last    the filters behind it, and then the default filter
 *
 * If a target has skip_if and nobody is ready for it, the next target follows at once. */
#include "compiler/import/taskrouter/taskrouter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/why.h"
#include "compiler/import/json.h"
#include "compiler/import/number.h"
#include "compiler/import/taskrouter/condition.h"

enum {
    ROUTER_FILTERS = 500,
    ROUTER_TARGETS = 5000,
    ROUTER_DAY = 86400,
    ROUTER_RESERVATION = 120,
    ROUTER_QUEUES = 2000,
    WORKER_LEVEL = 100,
    WORKER_PATH = 200
};

struct router_file {
    const char *path, *bytes;
    json_t *value;
    struct router_file *next;
};

struct taskrouter {
    struct importer *import;
    struct router_file *files, **end;
    struct flow_names queues; /* the objects of the task queues, by sid */
};

/* The workflow that is being made. */
struct router {
    struct taskrouter *all;
    struct importer *import;
    struct arena *arena;
    const struct router_file *file;
    struct flow *flow;
    struct flow_names *taken;
    json_t *workflow;
    unsigned expressions; /* the number of targets written so far, by which their lines in the file are found */
};

static const struct {
    const char *of, *key, *value; /* value NULL: any */
    enum flow_grade grade;
    const char *becomes, *remark;
} router_keys[] = {
#define KEY(of, key, grade, becomes, remark)           {#of, key, NULL, FLOW_##grade, becomes, remark},
#define KEY_AS(of, key, value, grade, becomes, remark) {#of, key, value, FLOW_##grade, becomes, remark},
#include "compiler/import/taskrouter/workflow.def"
};

struct taskrouter *taskrouter_new(struct importer *import)
{
    struct taskrouter *all = ARENA_NEW(import->arena, struct taskrouter);
    all->import = import;
    all->end = &all->files;
    return all;
}

void taskrouter_release(struct taskrouter *all)
{
    for (struct router_file *file = all ? all->files : NULL; file; file = file->next) json_decref(file->value);
}

bool taskrouter_knows(const json_t *value)
{
    return json_object_get(value, "task_routing") || json_object_get(value, "task_queues") ||
           json_object_get(value, "workers") || json_is_string(json_object_get(value, "configuration"));
}

bool taskrouter_add(struct taskrouter *all, const char *path, const char *bytes, json_t *value, char *why,
                    size_t why_size)
{
    if (!taskrouter_knows(value)) {
        json_decref(value);
        return why_set(why, why_size, "it has neither task_routing nor task_queues nor workers");
    }
    struct router_file *file = ARENA_NEW(all->import->arena, struct router_file);
    *file = (struct router_file){path, arena_copy(all->import->arena, bytes, strlen(bytes)), value, NULL};
    *all->end = file;
    all->end = &file->next;
    return true;
}

/* ---- the report ---- */

/* Returns the index of the key's row; the number of rows where the key is not known. */
static size_t router_row(struct arena *arena, const char *of, const json_t *object, const char *key)
{
    size_t which = 0, count = sizeof router_keys / sizeof *router_keys;
    for (; which < count; which++) {
        bool named = strcmp(router_keys[which].of, of) == 0 && strcmp(router_keys[which].key, key) == 0;
        const char *value = router_keys[which].value;
        if (named && (!value || strcmp(json_import_text(arena, object, key), value) == 0)) break;
    }
    return which;
}

/* Adds a remark for each key of the object that is not translated, or not known. */
static void router_tell(struct router *r, struct flow_block *block, const char *of, json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        size_t which = router_row(r->arena, of, object, key);
        bool empty = json_is_null(value) || (json_is_string(value) && !*json_string_value(value));
        if (which == sizeof router_keys / sizeof *router_keys)
            given_remark(block, FLOW_REMARK, "not translated: %.60s", key);
        else if (router_keys[which].grade != FLOW_DONE && !empty)
            given_remark(block, router_keys[which].grade, "%s: %s", key, router_keys[which].remark);
    }
}

/* Notes the task queues of the file by their sid; of two with one sid the first one counts. */
static void router_note_queues(struct taskrouter *all, const struct router_file *file)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(file->value, "task_queues"), i, one)
        flow_names_add(all->import->arena, &all->queues, json_import_text(all->import->arena, one, "sid"), one);
}

/* Returns the name of the queue; its sid where no file names it. *queue: its object, or NULL. */
static const char *router_queue(struct router *r, const char *sid, const json_t **queue)
{
    *queue = flow_names_find(&r->all->queues, sid);
    const char *name = json_import_text(r->arena, *queue, "friendly_name");
    return *name ? name : sid;
}

/* ---- blocks ---- */

static struct flow_block *router_block(struct router *r, const char *type, const char *name, uint32_t line,
                                       enum flow_grade grade, const char *remark)
{
    struct flow_block *block = &r->flow->blocks[r->flow->block_count++];
    *block = (struct flow_block){.type = type, .id = "", .name = name, .line = line};
    given_new(r->arena, block, grade, remark);
    return block;
}

/* Writes the condition up to its brace; a condition that is not translated becomes a parameter of the site. */
static void router_condition(struct router *r, struct flow_block *block, const struct task_condition *condition,
                             const char *source)
{
    const char *text = condition->text;
    if (!condition->good) {
        text = import_declare_decision(r->import, arena_printf(r->arena, "%s_%s", r->flow->name, block->name), source);
        import_remark_line(block->given->out, "not translated: ", source);
        given_remark(block, FLOW_REMARK,
                     "not translated: %s: the condition is the parameter %s of the site: write it, or set that; until "
                     "then it is an error",
                     condition->why, text);
        given_say(block, "if %s == none { fail %s; }\n", text, name_quoted(r->arena, block->name, true));
    }
    if (*condition->remark) given_remark(block, FLOW_REMARK, "%s", condition->remark);
    given_say(block, "if %s { ", text);
}

/* Returns the order of a target: by the level of one skill, the highest first. */
static const char *router_order(struct router *r, struct flow_block *block, const char *order)
{
    char attribute[100], direction[10] = "ASC", rest;
    if (!*order) return "";
    int read = sscanf(order, " worker.%99[A-Za-z0-9_] %9[A-Za-z] %c", attribute, direction, &rest);
    if (read == 2 && strcasecmp(direction, "DESC") == 0)
        return arena_printf(r->arena, "by max(skill %s) ",
                            site_declare(r->import, "skill", arena_copy(r->arena, attribute, strlen(attribute)), ""));
    given_remark(block, FLOW_REMARK, "not translated: order_by %.100s; who was idle longest is taken", order);
    return "";
}

/* A target, or the default filter, as it was read. */
struct router_target {
    const char *label, *group; /* the names of the target's vq and group */
    struct task_condition lines, skips;
    long long timeout, answer;
    bool timed;
};

static long long router_seconds(struct flow_block *block, const char *name, const char *text, long long most,
                                long long otherwise)
{
    long long seconds;
    if (!*text) return otherwise;
    if (number_read(text, strlen(text), most, &seconds) && seconds > 0) return seconds;
    given_remark(block, FLOW_REMARK, "not translated: %s %.30s", name, text);
    return otherwise;
}

/* Reads a target; false: it is not translated. */
static bool router_target(struct router *r, struct flow_block *block, const json_t *target, struct router_target *said)
{
    const json_t *queue;
    const char *sid = json_import_text(r->arena, target, "queue"), *name = router_queue(r, sid, &queue),
               *expression = json_import_text(r->arena, target, "expression"),
               *skip = json_import_text(r->arena, target, "skip_if"),
               *timeout = json_import_text(r->arena, target, "timeout");
    *said = (struct router_target){.lines = {.good = true, .text = "", .before = "", .always = 1},
                                   .skips = {.good = true, .always = -1}};
    said->label = site_declare(r->import, "vq", name, ""), said->group = site_declare(r->import, "group", name, "");
    if (*expression) said->lines = condition_read(r->import, r->taken, expression, CONDITION_WORKER, NULL);
    if (*skip) said->skips = condition_read(r->import, r->taken, skip, CONDITION_COUNTS, said->group);
    if (!queue) given_remark(block, FLOW_REMARK, "no file has the task queue %s: the directory has its group", name);
    said->timed = *timeout != '\0';
    said->timeout = router_seconds(block, "timeout", timeout, 7 * ROUTER_DAY, ROUTER_DAY);
    said->answer =
        router_seconds(block, "task_reservation_timeout",
                       json_import_text(r->arena, r->workflow, "task_reservation_timeout"), 600, ROUTER_RESERVATION);
    if (!said->lines.good) given_remark(block, FLOW_LEFT, "not translated: %s", said->lines.why);
    if (!said->skips.good) given_remark(block, FLOW_LEFT, "not translated: %s", said->skips.why);
    if (!*sid) given_remark(block, FLOW_LEFT, "not translated: it names no queue");
    if (block->given->grade != FLOW_LEFT) return true;
    import_remark_line(block->given->out, "not translated: ", *expression ? expression : skip);
    return false;
}

static void router_leave(struct flow_block *block, uint32_t next, bool last)
{
    if (last)
        given_say(block, "stop \"nobody was there in time\";");
    else
        given_way(block, "timeout", next);
}

/* Writes the step for a target that nobody can match: the call waits for the target's time. */
static void router_nobody(struct flow_block *block, const struct router_target *said, uint32_t next, bool last)
{
    if (said->skips.always <= 0) given_say(block, "delay %llds; ", said->timeout);
    router_leave(block, next, last);
}

/* Writes the wait of a target, or of the default filter (`last`), after which the block `next` follows. */
static void router_wait(struct router *r, struct flow_block *block, const json_t *target, uint32_t next, bool last)
{
    struct router_target said;
    const char *number = json_import_text(r->arena, target, "priority"), *line = "";
    long long priority;
    if (!router_target(r, block, target, &said)) {
        router_leave(block, next, last);
        given_say(block, "\n");
        return;
    }
    if (*number && number_read(number, strlen(number), 1000000000, &priority))
        given_say(block, "priority = %lld;\n", priority);
    else if (*number)
        given_remark(block, FLOW_REMARK, "not translated: priority %.30s", number);
    if (said.lines.always < 0) {
        router_nobody(block, &said, next, last);
        given_say(block, "\n");
        return;
    }
    if (said.lines.always == 0) line = arena_printf(r->arena, " and (%s)", said.lines.text);
    given_say(block, "%s", said.lines.before ? said.lines.before : "");
    if (said.lines.missing) {
        given_say(block, "if %s { ", said.lines.missing);
        router_nobody(block, &said, next, last);
        given_say(block, " }\n");
    }
    if (said.skips.always >= 0) {
        given_say(block,
                  said.skips.always > 0 ? "if vq %s.agents_ready == 0 { " : "if vq %s.agents_ready == 0 and %s { ",
                  said.label, said.skips.text);
        router_leave(block, next, last);
        given_say(block, " }\n");
    }
    given_say(
        block,
        "connect in vq %s { group %s%s; } %sanswer %llds timeout %llds busy { ivr.music(prompt hold, 30s); } else { ",
        said.label, said.group, line, router_order(r, block, json_import_text(r->arena, target, "order_by")),
        said.answer, said.timeout);
    router_leave(block, next, last);
    given_say(block, " };\n");
    block->given->ends = true;
}

/* ---- the workflow ---- */

/* The objects of the filters, with the numbers of their blocks. */
struct router_plan {
    json_t *filters[ROUTER_FILTERS];
    uint32_t first[ROUTER_FILTERS]; /* the block of the filter; its targets stand behind it */
    unsigned count, targets;
};

static void router_filter(struct router *r, const struct router_plan *plan, unsigned number, uint32_t next)
{
    json_t *filter = plan->filters[number], *targets = json_object_get(filter, "targets"), *target;
    const char *name = json_import_text(r->arena, filter, "filter_friendly_name"),
               *expression = json_import_text(r->arena, filter, "expression");
    if (!*name) name = json_import_text(r->arena, filter, "friendly_name");
    if (!*name) name = arena_printf(r->arena, "filter %u", number + 1);
    uint32_t line = json_import_line(r->file->bytes, "\"targets\"", number);
    struct flow_block *block = router_block(r, "filter", name, line, FLOW_DONE, "");
    block->given->passes = true;
    router_tell(r, block, "filter", filter);
    size_t i, count = json_array_size(targets);
    uint32_t to = count > 0 ? plan->first[number] + 1 : next;
    struct task_condition condition =
        condition_read(r->import, r->taken, *expression ? expression : "1==1", CONDITION_TASK, NULL);
    if (condition.good && condition.always > 0) {
        given_fall(block, "", to);
    } else if (condition.good && condition.always < 0) {
        given_fall(block, "", next);
    } else {
        router_condition(r, block, &condition, expression);
        given_way(block, "it matches", to);
        given_say(block, " }\n");
        given_fall(block, "else", next);
    }
    given_close(block);
    json_array_foreach(targets, i, target)
    {
        bool last = i + 1 == count;
        struct flow_block *one =
            router_block(r, "target", arena_printf(r->arena, "%s target %zu", name, i + 1), line, FLOW_DONE, "");
        router_tell(r, one, "target", target);
        if (last && number + 1 < plan->count && json_object_get(target, "timeout"))
            given_remark(one, FLOW_REMARK,
                         "not translated: whether later filters are asked after its timeout; here they are");
        router_wait(r, one, target, last ? next : plan->first[number] + 2 + (uint32_t)i, false);
        given_close(one);
    }
}

static void router_begin(struct router *r, json_t *routing)
{
    struct flow_block *block = router_block(r, "workflow", r->flow->name, 1, FLOW_DONE, "");
    block->given->passes = true;
    router_tell(r, block, "workflow", r->workflow);
    router_tell(r, block, "routing", routing);
    given_fall(block, "", 1);
    given_close(block);
    block =
        router_block(r, "reservation", "reservation", 1, FLOW_REMARK,
                     "who is offered a task and does not take it is made not ready, and the wait goes on in the same "
                     "target; what a caller hears meanwhile is the prompt hold");
    block->given->passes = true;
    site_declare(r->import, "prompt", "hold", "what callers hear while they wait");
    given_say(block, "// An agent who is chosen is offered the call.\n");
    given_fall(block, "", 2);
    given_close(block);
}

static void router_workflow(struct taskrouter *all, const struct router_file *file, json_t *workflow)
{
    struct importer *import = all->import;
    json_t *routing = json_object_get(workflow, "task_routing"), *filter,
           *ending = json_object_get(routing, "default_filter");
    struct router r = {.all = all, .import = import, .arena = import->arena, .file = file, .workflow = workflow};
    struct router_plan *plan = ARENA_NEW(import->arena, struct router_plan);
    const char *slash = strrchr(file->path, '/'), *base = slash ? slash + 1 : file->path;
    const char *name = json_import_text(import->arena, workflow, "friendly_name");
    if (!*name) name = arena_copy(import->arena, base, strcspn(base, "."));
    struct flow *flow = r.flow = ARENA_NEW(import->arena, struct flow);
    *flow = (struct flow){.sort = FLOW_CALLFLOW, .path = file->path, .name = name};
    flow->taken = r.taken = ARENA_NEW(import->arena, struct flow_names);
    uint32_t next = 2;
    size_t i;
    json_array_foreach(json_object_get(routing, "filters"), i, filter)
    {
        size_t targets = json_array_size(json_object_get(filter, "targets"));
        if (plan->count == ROUTER_FILTERS || plan->targets + targets > ROUTER_TARGETS) break;
        plan->filters[plan->count] = filter;
        plan->first[plan->count++] = next;
        plan->targets += (unsigned)targets;
        next += 1 + (uint32_t)targets;
    }
    flow->blocks = ARENA_ARRAY(import->arena, struct flow_block, next + 1);
    import_flow_add(import, flow, name);
    flow_names_add(import->arena, &import->by_key,
                   arena_printf(import->arena, "workflow %s", json_import_text(import->arena, workflow, "sid")), flow);
    router_begin(&r, routing);
    for (unsigned number = 0; number < plan->count; number++)
        router_filter(&r, plan, number, number + 1 < plan->count ? plan->first[number + 1] : next);
    struct flow_block *block = router_block(&r, "default_filter", "default",
                                            json_import_line(file->bytes, "\"default_filter\"", 0), FLOW_DONE, "");
    if (plan->count < json_array_size(json_object_get(routing, "filters")))
        given_remark(block, FLOW_LEFT, "not translated: filters behind the first %u", plan->count);
    if (json_is_object(ending)) {
        router_tell(&r, block, "default", ending);
        router_wait(&r, block, ending, FLOW_NOWHERE, true);
    } else {
        given_say(block, "stop \"no filter matches\";\n");
    }
    block->given->ends = true;
    given_close(block);
}

/* ---- queues and workers ---- */

static void router_queues(struct taskrouter *all, const struct router_file *file)
{
    struct importer *import = all->import;
    json_t *queues = json_object_get(file->value, "task_queues"), *queue;
    struct flow *flow = ARENA_NEW(import->arena, struct flow);
    struct router r = {.all = all, .import = import, .arena = import->arena, .file = file, .flow = flow};
    size_t i;
    *flow = (struct flow){.sort = FLOW_TOLD, .path = file->path, .name = "", .entry = FLOW_NOWHERE};
    flow->told = "the task queues, each a virtual queue and a group";
    flow->blocks = ARENA_ARRAY(import->arena, struct flow_block, json_array_size(queues) + 1);
    r.taken = ARENA_NEW(import->arena, struct flow_names);
    json_array_foreach(queues, i, queue)
    {
        if (i == ROUTER_QUEUES) break;
        const json_t *found;
        const char *name = router_queue(&r, json_import_text(r.arena, queue, "sid"), &found),
                   *workers = json_import_text(r.arena, queue, "target_workers"), *members = NULL;
        struct flow_block *block = router_block(
            &r, "task queue", name, json_import_line(file->bytes, "\"friendly_name\"", (unsigned)i), FLOW_DONE, "");
        router_tell(&r, block, "queue", queue);
        struct task_condition condition =
            condition_read(import, r.taken, *workers ? workers : "1==1", CONDITION_WORKER, NULL);
        site_declare(import, "vq", name, "");
        site_declare(import, "group", name, "");
        if (condition.good && condition.always == 0) members = condition.members;
        if (!condition.good || (condition.always == 0 && !members) || condition.always > 0)
            given_remark(block, FLOW_REMARK, "%s: the directory has the members of its group",
                         condition.good ? condition.always > 0 ? "all workers" : "it depends on the task"
                                        : condition.why);
        import_directory_group(import, name, members);
        given_close(block);
        block->written = true, block->grade = block->given->grade, block->remark = block->given->remark;
    }
    import_flow_add(import, flow, "");
}

/* Translates a worker's attribute: a number becomes the level of a skill, each text a skill of its own. Levels end at
 * 100, and expressions compare with at most 99: so a higher number becomes 100. */
static void worker_attribute(struct taskrouter *all, struct flow_block *block, const char *agent, const char *key,
                             const json_t *value)
{
    struct importer *import = all->import;
    json_int_t level = json_integer_value(value);
    if (json_is_integer(value) && level >= 0) {
        if (level > WORKER_LEVEL)
            given_remark(block, FLOW_REMARK, "%.60s is %d here, the highest level", key, WORKER_LEVEL);
        import_directory_skill(import, agent, key, level > WORKER_LEVEL ? WORKER_LEVEL : (unsigned)level);
        site_declare(import, "skill", key, "");
        return;
    }
    const char *text = json_is_string(value) ? json_string_value(value) : json_is_true(value) ? "true" : NULL;
    if (json_is_null(value) || json_is_false(value)) return;
    if (!text || strlen(text) > 60 || strlen(key) > 60 || strpbrk(text, "\"\\") || strpbrk(key, "\"\\")) {
        given_remark(block, FLOW_REMARK, "not translated: %.60s, which is neither a level nor a short text", key);
        return;
    }
    const char *skill = arena_printf(import->arena, "%s %s", key, text);
    import_directory_skill(import, agent, skill, 1);
    site_declare(import, "skill", skill, "");
}

/* Adds the attributes of an object; an attribute within an attribute gets both names, as worker.contact.site. */
static void worker_attributes(struct taskrouter *all, struct flow_block *block, const char *agent, const char *within,
                              json_t *attributes)
{
    size_t i;
    const char *key;
    json_t *value, *element;
    json_object_foreach(attributes, key, value)
    {
        const char *path = arena_printf(all->import->arena, "%s%s", within, key);
        if (json_is_object(value) && strlen(path) < WORKER_PATH)
            worker_attributes(all, block, agent, arena_printf(all->import->arena, "%s.", path), value);
        else if (json_is_array(value))
            json_array_foreach(value, i, element) worker_attribute(all, block, agent, path, element);
        else
            worker_attribute(all, block, agent, path, value);
    }
}

static void router_workers(struct taskrouter *all, const struct router_file *file)
{
    struct arena *arena = all->import->arena;
    struct flow *flow = ARENA_NEW(arena, struct flow);
    struct router r = {.all = all, .import = all->import, .arena = arena, .file = file, .flow = flow};
    size_t i;
    json_t *worker, *workers = json_object_get(file->value, "workers");
    char why[100];
    *flow = (struct flow){.sort = FLOW_TOLD, .path = file->path, .name = "", .entry = FLOW_NOWHERE};
    flow->told = "the workers, each an agent of the directory with its skills";
    flow->blocks = ARENA_ARRAY(arena, struct flow_block, json_array_size(workers) + 1);
    json_array_foreach(workers, i, worker)
    {
        const char *name = json_import_text(arena, worker, "friendly_name"),
                   *text = json_import_text(arena, worker, "attributes");
        json_t *own = NULL, *attributes = json_object_get(worker, "attributes");
        if (!*name) continue;
        struct flow_block *block = router_block(&r, "worker", name, 1, FLOW_DONE, "");
        import_directory_agent(all->import, name, "");
        if (*text) attributes = own = json_import(text, strlen(text), why, sizeof why);
        if (*text && !own) given_remark(block, FLOW_REMARK, "not translated: its attributes are not read: %s", why);
        worker_attributes(all, block, name, "", attributes);
        json_decref(own);
        given_close(block);
        block->written = true, block->grade = block->given->grade, block->remark = block->given->remark;
    }
    import_flow_add(all->import, flow, "");
}

void taskrouter_finish(struct taskrouter *all)
{
    char why[100];
    for (struct router_file *file = all->files; file; file = file->next) router_note_queues(all, file);
    for (struct router_file *file = all->files; file; file = file->next) {
        if (json_object_get(file->value, "workers")) router_workers(all, file);
        if (json_object_get(file->value, "task_queues")) router_queues(all, file);
    }
    for (struct router_file *file = all->files; file; file = file->next) {
        const char *inner = json_string_value(json_object_get(file->value, "configuration"));
        json_t *own = inner ? json_import(inner, strlen(inner), why, sizeof why) : NULL;
        if (json_object_get(own, "task_routing"))
            json_object_set(file->value, "task_routing", json_object_get(own, "task_routing"));
        json_decref(own);
        if (json_object_get(file->value, "task_routing")) router_workflow(all, file, file->value);
    }
}
