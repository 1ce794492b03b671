/* compiler/import/asterisk/queues.c - Queues and their members, and Queue() as a wait.
 *
 *     [sales]                        vq sales, group sales; the members are rows of the directory
 *     Queue(sales,,,,60)             connect in vq sales { group sales; } ... timeout 1m
 *
 * Where the members differ in penalty, or the strategy is linear, the order is a map of ranks. The queue's strategy
 * decides among members of equal penalty, as in `by min((ranks[it.name] else 100000)), round_robin`. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/import/asterisk/walk.h"

enum { QUEUE_MEMBERS = 500, QUEUE_LONGEST = 8 * 3600, QUEUE_MUSIC = 30, QUEUE_RING_MOST = 8 };

struct queue_member {
    const char *agent, *device;
    long long penalty;
    unsigned place;
};

struct asterisk_queue {
    const char *name, *path;
    const struct ini_section *section, *general;
    struct queue_member *members;
    unsigned member_count;
    const struct ini_key *full; /* the first member for whom there is no room; NULL: there is room for all */
    struct asterisk_queue *next;
};

struct queue_setting {
    const char *key, *value; /* value NULL: any */
    enum flow_grade grade;
    const char *becomes, *remark;
};

static const struct queue_setting queue_settings[] = {
#define SETTING(key, grade, becomes, remark)           {key, NULL, FLOW_##grade, becomes, remark},
#define SETTING_AS(key, value, grade, becomes, remark) {key, value, FLOW_##grade, becomes, remark},
#include "compiler/import/asterisk/queues.def"
#undef SETTING
#undef SETTING_AS
};
static const struct queue_setting queue_together[] = {
#define TOGETHER(key, value, grade, becomes, remark) {key, value, FLOW_##grade, becomes, remark},
#include "compiler/import/asterisk/queues.def"
#undef TOGETHER
};
static const struct {
    const char *strategy, *by;
    enum flow_grade grade;
    const char *remark;
} queue_orders[] = {
#define ORDER(strategy, by, grade, remark) {strategy, by, FLOW_##grade, remark},
#include "compiler/import/asterisk/queues.def"
#undef ORDER
};
static const struct {
    char letter;
    enum flow_grade grade;
    const char *what;
} queue_letters[] = {
#define LETTER(letter, grade, what) {letter, FLOW_##grade, what},
#include "compiler/import/asterisk/queues.def"
#undef LETTER
};

static const struct queue_setting *queue_setting_of(const char *key, const char *value)
{
    for (size_t i = 0; i < sizeof queue_settings / sizeof *queue_settings; i++) {
        const struct queue_setting *setting = &queue_settings[i];
        if (strcasecmp(setting->key, key) != 0) continue;
        bool truth = setting->value && (strcmp(setting->value, "yes") == 0 || strcmp(setting->value, "no") == 0);
        bool known = truth && (ini_true(value) || strcasecmp(value, "no") == 0 || strcasecmp(value, "false") == 0 ||
                               strcmp(value, "0") == 0);
        if (!setting->value || strcasecmp(setting->value, value) == 0 ||
            (known && ini_true(value) == ini_true(setting->value)))
            return setting;
    }
    return NULL;
}

/* True: all members ring at once (ringall), and no penalty prefers any: the clause `ring` says the same. */
static bool queue_rings_all(const struct asterisk_queue *queue)
{
    if (!queue || queue->member_count < 2) return false;
    for (unsigned i = 1; i < queue->member_count; i++)
        if (queue->members[i].penalty != queue->members[0].penalty) return false;
    return strcasecmp(ini_value(queue->section, "strategy", "ringall"), "ringall") == 0;
}

/* Returns what becomes of the queue's setting; NULL: the importer does not know it. `queue`: NULL for all queues. */
static const struct queue_setting *queue_setting_in(const struct asterisk_queue *queue, const char *key,
                                                    const char *value)
{
    for (size_t i = 0; queue_rings_all(queue) && i < sizeof queue_together / sizeof *queue_together; i++) {
        const struct queue_setting *setting = &queue_together[i];
        bool no = strcmp(setting->value, "no") == 0;
        bool is_no = !ini_true(value) && strcasecmp(value, "all") != 0;
        if (strcasecmp(setting->key, key) == 0 && (!no || is_no)) return setting;
    }
    return queue_setting_of(key, value);
}

/* ---- members ---- */

/* Reads member => PJSIP/100,penalty,name: the agent has this name, or without a name that of the device.
 * False: the queue has as many members as there may be. */
static bool queue_member(struct importer *import, struct asterisk_queue *queue, const char *value)
{
    const char *parts[8];
    unsigned count = walk_parts(import->arena, value, ',', parts, 8);
    if (count == 0) return true;
    if (queue->member_count == QUEUE_MEMBERS) return false;
    struct queue_member *member = &queue->members[queue->member_count];
    const char *slash = strchr(parts[0], '/'), *device = slash ? slash + 1 : parts[0];
    device = arena_copy(import->arena, device, strcspn(device, "@/"));
    *member = (struct queue_member){.device = device, .agent = device, .place = queue->member_count};
    if (count > 2 && *parts[2]) member->agent = parts[2];
    if (count > 1 && !walk_number(parts[1], 1000000, &member->penalty)) member->penalty = 0;
    if (!*member->agent) return true;
    for (unsigned i = 0; i < queue->member_count; i++)
        if (strcmp(queue->members[i].agent, member->agent) == 0) return true; /* a second line for the same agent */
    queue->member_count++;
    import_directory_agent(import, member->agent, "");
    if (slash && strncasecmp(parts[0], "Local/", 6) != 0 && strncasecmp(parts[0], "Agent/", 6) != 0)
        import_directory_dn(import, device, "extension");
    import_directory_member(import, queue->name, member->agent);
    return true;
}

/* Writes into the report what becomes of each line of a queue. */
static void queue_tell(struct importer *import, struct flow *flow, const struct ini_section *section,
                       const struct ini_key *key, const struct asterisk_queue *queue)
{
    struct flow_block *block = &flow->blocks[flow->block_count++];
    const struct queue_setting *setting = queue_setting_in(queue, key->name, key->value);
    *block = (struct flow_block){
        .kind = FLOW_left, .type = key->name, .id = "", .line = key->line, .path = key->path, .written = true};
    block->name = arena_printf(import->arena, "%s: %s = %s", section->name, key->name,
                               flow_shown(import->arena, key->name, key->value));
    block->grade = setting ? setting->grade : FLOW_LEFT;
    block->remark = setting ? setting->remark : "the importer does not know this key";
    for (size_t i = 0; i < sizeof queue_orders / sizeof *queue_orders; i++)
        if (strcasecmp(key->name, "strategy") == 0 && strcasecmp(key->value, queue_orders[i].strategy) == 0 &&
            !queue_rings_all(queue))
            block->grade = queue_orders[i].grade, block->remark = queue_orders[i].remark;
    if (setting && setting->grade == FLOW_REMARK && !*setting->becomes) block->grade = FLOW_LEFT;
}

static struct asterisk_queue *asterisk_queue_read(struct importer *import, const struct ini_file *file,
                                                  const struct ini_section *section)
{
    struct asterisk_queue *queue = ARENA_NEW(import->arena, struct asterisk_queue);
    *queue = (struct asterisk_queue){
        .name = section->name, .path = file->path, .section = section, .general = ini_find(file, "general")};
    queue->members = ARENA_ARRAY(import->arena, struct queue_member, QUEUE_MEMBERS);
    for (const struct ini_key *key = section->keys; key; key = key->next)
        if (strcasecmp(key->name, "member") == 0 && !queue_member(import, queue, key->value) && !queue->full)
            queue->full = key;
    return queue;
}

struct asterisk_queue *queues_read(struct importer *import, const struct ini_file *files)
{
    struct asterisk_queue *first = NULL, **end = &first;
    for (const struct ini_file *file = files; file; file = file->next) {
        if (file->sort != INI_QUEUES) continue;
        uint32_t count = 0;
        for (const struct ini_section *section = file->sections; section; section = section->next)
            for (const struct ini_key *key = section->keys; key; key = key->next) count++;
        struct flow *flow = ARENA_NEW(import->arena, struct flow);
        *flow = (struct flow){.sort = FLOW_TOLD, .path = file->path, .name = "", .entry = FLOW_NOWHERE};
        flow->told = "the queues; Queue() of the dialplan is the wait in each";
        flow->blocks = ARENA_ARRAY(import->arena, struct flow_block, count + 1);
        for (const struct ini_section *section = file->sections; section; section = section->next) {
            if (section->template) continue;
            bool general = strcmp(section->name, "general") == 0;
            struct asterisk_queue *queue = general ? NULL : asterisk_queue_read(import, file, section);
            bool full = false;
            for (const struct ini_key *key = section->keys; key; key = key->next) {
                queue_tell(import, flow, section, key, queue);
                full = full || (queue && key == queue->full);
                if (!full || strcasecmp(key->name, "member") != 0) continue;
                struct flow_block *told = &flow->blocks[flow->block_count - 1];
                told->grade = FLOW_LEFT, told->remark = "a queue has 500 members at most here";
            }
            if (general) continue;
            *end = queue;
            end = &(*end)->next;
        }
        import_flow_add(import, flow, "");
    }
    return first;
}

/* ---- the wait ---- */

static const char *queue_value(const struct asterisk_queue *queue, const char *key, const char *other)
{
    return ini_value(queue->section, key, other);
}

static int member_compare(const void *a, const void *b)
{
    const struct queue_member *left = a, *right = b;
    if (left->penalty != right->penalty) return left->penalty < right->penalty ? -1 : 1;
    return left->place < right->place ? -1 : left->place > right->place;
}

/* Returns how many seconds those who ring together rest when nobody has answered. */
static long long queue_rests(struct flow_block *block, const struct asterisk_queue *queue)
{
    long long rests = 5;
    if (queue->member_count > QUEUE_RING_MOST)
        given_remark(block, FLOW_REMARK, "not translated: more than %d telephones ring at once there", QUEUE_RING_MOST);
    if (!walk_number(queue_value(queue, "retry", "5"), 3600, &rests)) rests = 5;
    return rests;
}

/* Returns the order of the members as `by ...`; "": the order makes no difference. */
static const char *queue_by(struct walk *w, struct flow_block *block, const struct asterisk_queue *queue)
{
    const char *strategy = queue_value(queue, "strategy", "ringall");
    bool linear = strcasecmp(strategy, "linear") == 0, differs = false, equal = false;
    size_t which = 0, orders = sizeof queue_orders / sizeof *queue_orders;
    if (queue->member_count < 2) return "";
    struct queue_member *sorted = ARENA_ARRAY(w->arena, struct queue_member, queue->member_count);
    memcpy(sorted, queue->members, queue->member_count * sizeof *sorted);
    qsort(sorted, queue->member_count, sizeof *sorted, member_compare);
    for (unsigned i = 1; i < queue->member_count; i++) {
        bool same = sorted[i].penalty == sorted[i - 1].penalty;
        differs = differs || !same;
        equal = equal || same;
    }
    while (which < orders && strcasecmp(strategy, queue_orders[which].strategy) != 0) which++;
    if (which == orders) given_remark(block, FLOW_REMARK, "not translated: strategy = %s", strategy);
    if (which < orders && equal && queue_orders[which].grade != FLOW_DONE)
        given_remark(block, queue_orders[which].grade, "%s", queue_orders[which].remark);
    if (!linear && !differs) return which < orders ? arena_printf(w->arena, "by %s", queue_orders[which].by) : "";
    bool then = !linear && equal && which < orders && strcmp(queue_orders[which].by, "longest_idle") != 0;
    const char *ranks = arena_printf(w->arena, "%s ranks", queue->name), *map = "";
    struct walk_variable *variable = flow_names_find(&w->variables, ranks);
    for (unsigned i = 0, rank = 0; i < queue->member_count; i++) {
        rank += i > 0 && (linear || sorted[i].penalty != sorted[i - 1].penalty);
        map = arena_printf(w->arena, "%s%s%s: %u", map, i ? ", " : "", name_quoted(w->arena, sorted[i].agent, true),
                           rank);
    }
    if (!variable) variable = walk_variable(w, ranks);
    variable->initial = arena_printf(w->arena, "[%s]", map);
    variable->set = variable->read = true;
    return arena_printf(w->arena, "by min((%s[it.name] else 100000))%s%s", variable->ident, then ? ", " : "",
                        then ? queue_orders[which].by : "");
}

/* Adds the remarks on the queue's settings; a setting that is missing has a remark, too, if Asterisk's default differs
 * from gcx. */
static void queue_remarks(struct flow_block *block, const struct asterisk_queue *queue)
{
    static const char *const defaults[][2] = {{"autopause", "no"}, {"ringinuse", "yes"}, {"autofill", "no"}};
    for (const struct ini_key *key = queue->section->keys; key; key = key->next) {
        const struct queue_setting *setting = queue_setting_in(queue, key->name, key->value);
        bool asked = strcasecmp(key->name, "strategy") == 0 || strcasecmp(key->name, "retry") == 0;
        if (!setting) given_remark(block, FLOW_REMARK, "not translated: %s", key->name);
        if (setting && setting->grade != FLOW_DONE && !asked)
            given_remark(block, setting->grade, "%s", setting->remark);
    }
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        const char *general = ini_value(queue->general, defaults[i][0], defaults[i][1]);
        const char *value = queue_value(queue, defaults[i][0], general);
        const struct queue_setting *setting = queue_setting_in(queue, defaults[i][0], value);
        if (setting && setting->grade != FLOW_DONE) given_remark(block, setting->grade, "%s", setting->remark);
    }
    if (queue->member_count == 0) given_remark(block, FLOW_REMARK, "the queue has no members: the directory has them");
    if (queue->member_count > 1 && !queue_rings_all(queue))
        given_remark(block, FLOW_REMARK,
                     "where a telephone is not answered the next one rings at once, and after %s s there",
                     queue_value(queue, "retry", "5"));
}

static void queue_options(struct flow_block *block, const char *options, bool *ringing)
{
    for (; *options; options++) {
        size_t which = 0, letters = sizeof queue_letters / sizeof *queue_letters;
        while (which < letters && queue_letters[which].letter != *options) which++;
        if (which == letters)
            given_remark(block, FLOW_REMARK, "not translated: option %c", *options);
        else if (queue_letters[which].grade != FLOW_DONE)
            given_remark(block, FLOW_REMARK, "not translated: option %c, %s", *options, queue_letters[which].what);
        *ringing = *ringing || *options == 'r';
        if (options[1] == '(') options += strcspn(options, ")"); /* skip the option's argument */
        if (!*options) break;
    }
}

static const char *queue_busy(struct walk *w, const struct asterisk_queue *queue, bool ringing)
{
    long long seconds = QUEUE_MUSIC;
    const char *announce = queue_value(queue, "periodic-announce", "");
    if (ringing) return arena_printf(w->arena, "busy { ivr.tone(ringback, %ds); }", QUEUE_MUSIC);
    if (*announce &&
        (!walk_number(queue_value(queue, "periodic-announce-frequency", "0"), 86400, &seconds) || seconds == 0))
        seconds = QUEUE_MUSIC, announce = "";
    const char *music = queue_value(queue, "musicclass", queue_value(queue, "music", "default"));
    const char *prompt = site_declare(w->import, "prompt", arena_printf(w->arena, "music %s", music),
                                      arena_printf(w->arena, "the music on hold of the class %s", music));
    const char *said = "";
    if (*announce)
        said = arena_printf(w->arena, " ivr.play(prompt %s) else {};",
                            site_declare(w->import, "prompt", announce, "an announcement of a queue"));
    return arena_printf(w->arena, "busy { ivr.music(prompt %s, %llds);%s }", prompt, seconds, said);
}

/* Writes what follows where Queue() ends without an agent: QUEUESTATUS is set, and the next step runs. */
static void queue_left(struct walk *w, struct flow_block *block, const char *status, uint32_t next)
{
    walk_set(w, block, "QUEUESTATUS",
             (struct walk_said){.good = true, .bare = true, .text = name_quoted(w->arena, status, true)});
    walk_on(block, GIVEN_WAY, status, next);
}

void queues_write(struct walk *w, struct flow_block *block, const struct walk_node *node, uint32_t next)
{
    const char *parts[12], *arguments = node->arguments ? node->arguments : node->step->arguments;
    unsigned count = walk_parts(w->arena, arguments, ',', parts, 12);
    struct asterisk_queue *queue = w->queues;
    struct walk_said name = walk_value(w, node, count > 0 ? parts[0] : "");
    while (queue && !(name.good && name.constant && strcmp(queue->name, name.plain) == 0)) queue = queue->next;
    if (!queue) {
        given_remark(block, FLOW_LEFT,
                     name.good && name.constant ? "queues.conf has no such queue: name that file, too"
                                                : "the queue's name is computed");
        given_say(block, "fail \"no queue\";\n");
        return;
    }
    bool ringing = false;
    long long seconds = QUEUE_LONGEST, ring = 15, most;
    queue_remarks(block, queue);
    queue_options(block, count > 1 ? parts[1] : "", &ringing);
    for (unsigned i = 3; i < count; i++)
        if (i != 4 && *parts[i]) given_remark(block, FLOW_REMARK, "not translated: argument %u, %s", i + 1, parts[i]);
    bool limited = count > 4 && walk_number(parts[4], QUEUE_LONGEST, &seconds) && seconds > 0;
    if (!limited) {
        seconds = QUEUE_LONGEST;
        given_remark(block, FLOW_REMARK, "it waits without end there, and %d hours here", QUEUE_LONGEST / 3600);
    }
    if (!walk_number(queue_value(queue, "timeout", "15"), 600, &ring) || ring == 0) ring = 15;
    const char *label = site_declare(w->import, "vq", queue->name, ""),
               *group = site_declare(w->import, "group", queue->name, ""),
               *whisper = queue_value(queue, "announce", "");
    if (walk_number(queue_value(queue, "maxlen", "0"), 1000000, &most) && most > 0) {
        given_say(block, "if vq %s.waiting >= %lld { ", label, most);
        queue_left(w, block, "FULL", next);
        given_say(block, " }\n");
    }
    bool together = queue_rings_all(queue);
    const char *by = together ? "" : queue_by(w, block, queue), *busy = queue_busy(w, queue, ringing);
    if (!together) given_say(block, "connect in vq %s { group %s; } %s answer %llds", label, group, by, ring);
    if (together) /* clauses stand in the order of the grammar */
        given_say(block, "connect in vq %s { group %s; } ring %d answer %llds exclude %llds", label, group,
                  QUEUE_RING_MOST, ring, queue_rests(block, queue));
    if (*whisper)
        given_say(block, " whisper prompt %s", site_declare(w->import, "prompt", whisper, "said to the agent alone"));
    given_say(block, " timeout %llds %s else { ", seconds, busy);
    queue_left(w, block, "TIMEOUT", next);
    given_say(block, " };\n");
    block->given->ends = true;
}
