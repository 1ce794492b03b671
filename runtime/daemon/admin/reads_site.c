/* runtime/daemon/admin/reads_site.c - Pages of what is around the core and in force: links, sources, routing points,
 * images.
 *
 * A page is made in two halves. One half runs on the core's thread (its comment says so) and copies what it needs,
 * as the core stands still meanwhile; the other makes JSON of the copy on the thread of the asker. Long lists are
 * read in slices, and the core does other work between two slices. */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/awaited.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/watch/health.h"
#include "runtime/host/real.h"
#include "runtime/journal/images.h"
#include "base/memory.h"

struct service { /* a link's state in the core */
    unsigned link;
    const char *state;
};

/* On the core's thread. */
static void reads_service(void *self, struct core *core)
{
    struct service *service = self;
    service->state = core_link_state(core, service->link);
}

/* Writes the counters of the connection, or of the last connection. The adapter itself reports how many arrivals it
 * has refused and defaulted since its start. */
static void link_counts_put(json_t *into, const struct link_row *row)
{
    const struct link_counts *counts = &row->counts;
#define NUMBER(name) json_put_number(into, #name, counts->name)
    NUMBER(events), NUMBER(effects), NUMBER(refused), NUMBER(defaulted), NUMBER(uncommitted), NUMBER(forgotten);
    NUMBER(outstanding), NUMBER(waiting), NUMBER(waiting_bytes), NUMBER(merged);
#undef NUMBER
    json_put(into, "credit_arrive", json_integer(counts->credit_arrive));
    json_put_number(into, "breaches", row->breaches);
}

/* Writes the intake, for which no look into the core is needed. */
void reads_intake_fill(struct asking *asking)
{
    json_t *object = json_object();
    struct intake_row row;
    struct engine_load load;
    intake_read(links_intake(asking->daemon->links), &row);
    engine_load(asking->daemon->engine, &load);
    json_put(object, "level", json_string(intake_level_name(row.level)));
    json_put(object, "why", row.why[0] != '\0' ? json_string(row.why) : json_null());
    json_put_number(object, "since_us", row.since_us);
    json_put_number(object, "closings", row.closings);
    json_put_number(object, "lag_us", load.lag_us);
    json_put_number(object, "ring_events", load.ring_events);
    json_put_number(object, "ring_bytes", load.ring_bytes);
    json_put_number(object, "backlog_bytes", load.backlog_bytes);
    json_put_number(object, "memory_bytes", row.sample.memory);
    json_put(object, "space_free_percent", json_real(row.sample.space / 10.0));
    json_put(asking->into, "intake", object);
}

/* Writes neighbours (whether they can be reached, and why not) and figures, as the adapter reports them. */
static void link_told_put(json_t *object, const struct link_row *row)
{
    json_t *neighbours = json_object(), *figures = json_object();
    for (unsigned i = 0; row->up && i < row->told->neighbour_count; i++) {
        const struct told_neighbour *one = &row->told->neighbours[i];
        json_put(neighbours, one->name, one->up ? json_string("up") : json_text_of(span_of(one->why)));
    }
    for (unsigned i = 0; row->up && i < row->told->figure_count; i++)
        json_put(figures, row->told->figures[i].name, json_integer((json_int_t)row->told->figures[i].value));
    json_put(object, "neighbours", neighbours);
    json_put(object, "figures", figures);
}

void reads_links_fill(struct asking *asking)
{
    struct daemon *daemon = asking->daemon;
    json_t *list = json_array();
    struct link_row row;
    struct child_row child;
    for (size_t i = 0; links_read(daemon->links, i, &row); i++) {
        json_t *object = json_object();
        struct service service = {row.link, NULL};
        engine_read(daemon->engine, reads_service, &service);
        json_put(object, "name", json_string(row.name));
        json_put_number(object, "link", row.link);
        json_put(object, "state", json_string(row.up ? "up" : "down"));
        json_put(object, "service", json_string(service.state));
        json_put_number(object, "since_us", row.since_us);
        link_counts_put(object, &row);
        link_told_put(object, &row);
        for (size_t k = 0; children_read(daemon->children, k, &child); k++) {
            if (strcmp(child.name, row.name) != 0) continue;
            json_put(object, "pid", child.pid != 0 ? json_integer(child.pid) : json_null());
            json_put_number(object, "restarts", child.restarts);
        }
        json_append(list, object);
    }
    json_put(asking->into, "links", list);
}

void reads_degraded_fill(struct asking *asking)
{
    struct degraded_list degraded;
    const struct degraded *rows = degraded.rows;
    json_t *list = json_array();
    health_degraded(asking->daemon, &degraded);
    for (size_t i = 0; i < degraded.count; i++) {
        json_t *object = json_object();
        json_put(object, "adapter", rows[i].adapter ? json_string(rows[i].adapter) : json_null());
        json_put(object, "kind", json_string(rows[i].adapter ? "adapter" : rows[i].kind));
        json_put(object, "name", json_text_of(span_of(rows[i].name)));
        json_put(object, "why", json_text_of(span_of(rows[i].why)));
        json_put_number(object, "for_us", rows[i].for_us);
        json_append(list, object);
    }
    json_put(asking->into, "degraded", list);
    json_put_number(asking->into, "degraded_more", degraded.all - degraded.count);
}

static void certificate_put(void *self, const struct certificate *row)
{
    int64_t now_s = (int64_t)(host_wall_clock_us() / 1000000);
    json_t *object = json_object();
    json_put(object, "adapter", json_string(row->adapter));
    json_put(object, "name", json_text_of(span_of(row->name)));
    json_put(object, "left_us", json_integer((row->ends_s - now_s) * 1000000));
    json_append(self, object);
}

void reads_certificates_fill(struct asking *asking)
{
    json_t *list = json_array();
    health_certificates(asking->daemon, certificate_put, list);
    json_put(asking->into, "certificates", list);
}

struct awaited { /* what effects wait for, copied from the core while it stands still */
    struct awaited_row rows[AWAITED_MAX];
    size_t count;
};

/* On the core's thread. */
static void awaited_read(void *self, struct core *core)
{
    struct awaited *awaited = self;
    awaited->count = core_awaited(core, awaited->rows);
}

static const char *link_name(const struct daemon *daemon, unsigned number)
{
    struct link_row link;
    for (size_t i = 0; links_read(daemon->links, i, &link); i++)
        if (link.link == number) return link.name;
    return number == SOURCE_HOST ? "data sources" : "a link that is configured no more";
}

/* Lists the reasons why something that this neighbour needs is away, or, with `sources`, why data sources are away. */
static json_t *away_of(const struct daemon *daemon, const struct degraded_list *away, const char *adapter, bool sources)
{
    json_t *list = json_array();
    for (size_t i = 0; i < away->count; i++) {
        const struct degraded *row = &away->rows[i];
        bool source = !row->adapter && strcmp(row->kind, "campaign") != 0;
        if (row->adapter ? sources || strcmp(row->adapter, adapter) != 0 : !sources || !source) continue;
        json_t *text = json_sprintf("%s: %s", row->name, row->why);
        json_append(list, text);
    }
    struct link_row link;
    for (size_t i = 0; !sources && links_read(daemon->links, i, &link); i++)
        if (strcmp(link.name, adapter) == 0 && !link.up) json_append(list, json_string("it is not connected"));
    return list;
}

/* Adds a row for a neighbour for which no effect waits, if something that this neighbour needs is away. */
static void waits_add_idle(json_t *list, const struct awaited *awaited, unsigned number, const char *name, json_t *away)
{
    bool listed = json_array_size(away) == 0;
    for (size_t k = 0; k < awaited->count; k++) listed |= awaited->rows[k].link == number;
    if (listed) {
        json_decref(away);
        return;
    }
    json_t *object = json_object();
    json_put(object, "neighbour", json_string(name));
    json_put(object, "answer", json_null());
    json_put_number(object, "count", 0);
    json_put(object, "first", json_null());
    json_put(object, "away", away);
    json_append(list, object);
}

/* Writes the waiting effects by link and kind; an adapter that lacks something has a row even if no effect waits for it
 * yet. */
void reads_waits_fill(struct asking *asking)
{
    const struct daemon *daemon = asking->daemon;
    struct awaited awaited;
    struct degraded_list away; /* the services that are away, read once for the whole page, because reading them asks
                                * the core */
    struct link_row link;
    json_t *list = json_array();
    engine_read(daemon->engine, awaited_read, &awaited);
    health_degraded(daemon, &away);
    for (size_t i = 0; i < awaited.count; i++) {
        const struct awaited_row *row = &awaited.rows[i];
        json_t *object = json_object();
        const char *name = link_name(daemon, row->link);
        json_put(object, "neighbour", json_string(name));
        json_put(object, "answer", json_string(kind_name(row->kind)));
        json_put_number(object, "count", row->count);
        json_put_ixn(object, "first", row->ixn);
        json_put(object, "away", away_of(daemon, &away, name, row->link == SOURCE_HOST));
        json_append(list, object);
    }
    for (size_t i = 0; links_read(daemon->links, i, &link); i++)
        waits_add_idle(list, &awaited, link.link, link.name, away_of(daemon, &away, link.name, false));
    waits_add_idle(list, &awaited, SOURCE_HOST, link_name(daemon, SOURCE_HOST), away_of(daemon, &away, "", true));
    json_put(asking->into, "waits", list);
}

void reads_sources_fill(struct asking *asking)
{
    json_t *list = json_array();
    struct source_row row;
    for (size_t i = 0; sources_read(asking->daemon->sources, i, &row); i++) {
        json_t *object = json_object();
        json_put(object, "name", json_string(row.name));
        json_put(object, "type", json_string(row.type));
        json_put(object, "database", json_text_of(span_of(row.database)));
        json_put_number(object, "queries", row.queries);
        json_put_number(object, "errors", row.errors);
        json_put_number(object, "waiting", row.waiting);
        json_put_number(object, "waiting_bytes", row.waiting_bytes);
        if (row.connections > 0) { /* a server's */
            json_put_number(object, "in_flight", row.in_flight);
            json_put_number(object, "connections", row.connections);
            json_put_number(object, "connected", row.connected);
            json_put_number(object, "lost", row.lost);
            json_put_number(object, "cancelled", row.cancelled);
            json_put_number(object, "opened", row.opened);
            json_put(object, "circuit", json_string(row.open ? "open" : "closed"));
        }
        if (row.connections > 0 || row.open) json_put(object, "trouble", json_text_of(span_of(row.trouble)));
        json_append(list, object);
    }
    struct endpoint_shown endpoint;
    char name[sizeof endpoint.name + 8];
    for (size_t i = 0; endpoints_read(asking->daemon->endpoints, i, &endpoint); i++) {
        json_t *object = json_object();
        endpoint_label(&endpoint, name, sizeof name);
        json_put(object, "name", json_string(name));
        json_put(object, "type", json_string("http"));
        json_put(object, "database", json_text_of(span_of(endpoint.url)));
        json_put_number(object, "queries", endpoint.requests);
        json_put_number(object, "errors", endpoint.errors);
        json_put_number(object, "waiting", endpoint.waiting);
        json_put_number(object, "opened", endpoint.opened);
        json_put(object, "circuit", json_string(endpoint.open ? "open" : "closed"));
        json_put(object, "trouble", json_text_of(span_of(endpoint.why)));
        json_append(list, object);
    }
    json_put(asking->into, "sources", list);
}

/* Writes a routing point; `before`: the other strategy, if two share its calls by percent. */
static json_t *point_row_json(const struct point_row *row)
{
    json_t *object = json_object();
    bool shared = row->percent < 100 && row->image_before;
    json_put(object, "dn", json_text_of(row->dn));
    json_put(object, "strategy", json_text_of(row->strategy));
    json_put_hash(object, "image", row->image);
    json_put_number(object, "percent", row->percent);
    json_put(object, "before", shared ? json_text_of(row->before) : json_null());
    json_put_hash(object, "image_before", shared ? row->image_before : NULL);
    json_put(object, "defaults", json_text_of(row->defaults));
    json_put_number(object, "answer_timeout_us", (uint64_t)row->answer_timeout_us);
    json_put_number(object, "router_grace_us", (uint64_t)row->router_grace_us);
    return object;
}

/* Lists strategies in force that no file names: their files were wrong at the start, and the journal had these
 * images. */
void reads_core_in_force(void *self, struct core *core)
{
    struct asking *asking = self;
    json_t *list = json_array();
    struct point_row row;
    for (uint32_t at = 0; at < PAGE_LOOKED && core_point(core, at, &row); at++) {
        if (!row.known) continue;
        json_t *object = json_object();
        json_put(object, "at", json_text_of(row.dn));
        json_put(object, "strategy", json_text_of(row.strategy));
        json_put_hash(object, "image", row.image);
        json_put(object, "file", json_null());
        json_append(list, object);
    }
    json_put(asking->into, "strategies", list);
}

void reads_core_points(void *self, struct core *core)
{
    struct asking *asking = self;
    uint64_t from = reads_asked_number(asking, "from", 0), end = from + PAGE_LOOKED,
             limit = reads_asked_rows(asking, PAGE_ROWS);
    json_t *list = json_array();
    struct point_row row;
    bool more = true;
    while (from < end && json_array_size(list) < limit && more) {
        more = core_point(core, (uint32_t)from++, &row);
        if (more && row.known) json_append(list, point_row_json(&row));
    }
    json_put(asking->into, "routing_points", list);
    json_put_next(asking, more && core_point(core, (uint32_t)from, &row), from);
}

enum { USES_SLICE = 8192, USED_MAX = 4096 };

/* Counts of the interactions and routing points on each image, by the core's numbers of images, which only grow. */
struct uses {
    uint64_t cursor, point;
    uint32_t interactions[USED_MAX], points[USED_MAX];
    bool more;
};

/* Reads a slice of the interactions, then a slice of the routing points. */
static void uses_read(void *self, struct core *core)
{
    struct uses *uses = self;
    struct point_row row;
    uint64_t end = uses->point + USES_SLICE;
    uses->more = uses->point == 0 && core_uses(core, &uses->cursor, USES_SLICE, uses->interactions, USED_MAX);
    if (uses->more) return;
    for (uses->more = true; uses->more && uses->point < end; uses->point++) {
        uses->more = core_point(core, (uint32_t)uses->point, &row);
        if (uses->more && row.known && row.program < USED_MAX) uses->points[row.program]++;
    }
}

/* Writes an image with its strategies and how many interactions and points use it. */
static json_t *image_json(const struct image *image, uint64_t uses, uint64_t points)
{
    json_t *object = json_object(), *names = json_array();
    size_t length;
    image_bytes(image, &length);
    for (uint32_t i = 0; i < image_count(image, SECTION_STRATEGIES); i++) {
        struct text text = image_text(image, image_strategy(image, i)->name);
        json_append(names, json_text_of((struct span){(const uint8_t *)text.bytes, text.length}));
    }
    json_put_hash(object, "image", image_hash(image));
    json_put(object, "strategies", names);
    json_put_number(object, "bytes", length);
    json_put_number(object, "interactions", uses);
    json_put_number(object, "routing_points", points);
    return object;
}

/* The core's numbers of the images on one page. */
struct numbers {
    const struct image *images[PAGE_ROWS];
    uint32_t numbers[PAGE_ROWS]; /* UINT32_MAX: the core has never used the image */
    size_t count;
};

/* Runs on the core's thread: reads the numbers that the core has given to images it has used. */
static void numbers_read(void *self, struct core *core)
{
    struct numbers *numbers = self;
    const struct image *image;
    for (size_t i = 0; i < numbers->count; i++) numbers->numbers[i] = UINT32_MAX;
    for (uint32_t at = 0; (image = core_program(core, at)); at++)
        for (size_t i = 0; i < numbers->count; i++)
            if (numbers->images[i] == image) numbers->numbers[i] = at;
}

/* Lists all known images: used, or only loaded. */
void reads_strategies_fill(struct asking *asking)
{
    struct images *images = programs_images(asking->daemon->programs);
    struct uses *uses = memory_zeroed(1, sizeof *uses);
    struct numbers page = {0};
    uint64_t from = reads_asked_number(asking, "from", 0), limit = reads_asked_rows(asking, PAGE_ROWS);
    json_t *list = json_array();
    while (page.count < limit && (page.images[page.count] = images_at(images, from))) page.count++, from++;
    do engine_read(asking->daemon->engine, uses_read, uses);
    while (uses->more);
    engine_read(asking->daemon->engine, numbers_read, &page);
    for (size_t i = 0; i < page.count; i++) {
        uint32_t number = page.numbers[i];
        json_append(list, number < USED_MAX
                              ? image_json(page.images[i], uses->interactions[number], uses->points[number])
                              : image_json(page.images[i], 0, 0));
    }
    free(uses);
    json_put(asking->into, "images", list);
    json_put_next(asking, images_at(images, from) != NULL, from);
}
