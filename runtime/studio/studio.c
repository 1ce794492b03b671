/* runtime/studio/studio.c - The operations of the page Strategies, by their names in openapi.json. See studio.h. */
#include "runtime/studio/studio.h"

#include <glib.h>
#include <string.h>

#include "runtime/studio/check.h"
#include "runtime/studio/draft.h"
#include "runtime/studio/edit.h"
#include "runtime/studio/history.h"
#include "runtime/studio/image.h"
#include "runtime/studio/play.h"
#include "runtime/studio/simulate.h"

struct studio_asked {
    const struct studio *studio;
    git_repository *repository;
    const struct studio_person *person;
    const json_t *params;
    struct error *error;
};

static const char *studio_text(const struct studio_asked *asked, const char *name, const char *usual)
{
    const char *text = json_string_value(json_object_get(asked->params, name));
    return text ? text : usual;
}

static bool studio_flag(const struct studio_asked *asked, const char *name)
{
    return json_is_true(json_object_get(asked->params, name));
}

static bool studio_asked_tree(const struct studio_asked *asked, const char *version, git_tree **tree)
{
    git_commit *commit = NULL;
    *tree = NULL;
    bool good = studio_version(asked->repository, version, asked->person->name, &commit, asked->error);
    if (good) *tree = studio_tree(commit);
    git_commit_free(commit);
    return good;
}

/* The commit that was published when the version began; NULL in `*base`: nothing was. */
static bool studio_base(const struct studio_asked *asked, const git_commit *commit, git_commit **base)
{
    git_commit *head = NULL;
    git_oid id;
    *base = NULL;
    bool good = studio_commit_of(asked->repository, "HEAD", &head, asked->error);
    if (good && commit && head &&
        git_merge_base(&id, asked->repository, git_commit_id(commit), git_commit_id(head)) == 0)
        (void)git_commit_lookup(base, asked->repository, &id);
    git_commit_free(head);
    return good;
}

static json_t *studio_done(bool good)
{
    return good ? json_object() : NULL;
}

/* ---- looking ---- */

/* The commit's digits; "": there is none. */
static json_t *studio_commit_json(const git_commit *commit)
{
    return json_string(commit ? git_oid_tostr_s(git_commit_id(commit)) : "");
}

/* How the person's draft stands to what is published: {commit, ahead, behind}. NULL: there is none. */
static json_t *studio_draft_json(const struct studio_asked *asked, const git_commit *head)
{
    char ref[STUDIO_REF_MAX];
    size_t ahead = 0, behind = 0;
    git_commit *draft = NULL;
    json_t *row = NULL;
    studio_ref("drafts", asked->person->name, ref);
    if (studio_commit_of(asked->repository, ref, &draft, NULL) && draft) {
        if (head)
            (void)git_graph_ahead_behind(&ahead, &behind, asked->repository, git_commit_id(draft), git_commit_id(head));
        row = json_pack("{s:o, s:I, s:I}", "commit", studio_commit_json(draft), "ahead", (json_int_t)ahead, "behind",
                        (json_int_t)behind);
    }
    git_commit_free(draft);
    return row;
}

static json_t *studio_on_strategies(const struct studio_asked *asked)
{
    git_commit *head = NULL;
    git_tree *tree = NULL;
    json_t *answer = NULL, *files = NULL, *reviews = NULL;
    bool good = studio_commit_of(asked->repository, "HEAD", &head, asked->error) &&
                studio_asked_tree(asked, studio_text(asked, "version", "draft"), &tree) &&
                (files = studio_files(asked->repository, tree, asked->error)) &&
                (reviews = studio_reviews(asked->repository, asked->person, asked->error));
    if (good)
        answer = json_pack("{s:o, s:o*, s:O, s:O, s:b}", "head", studio_commit_json(head), "draft",
                           studio_draft_json(asked, head), "files", files, "reviews", reviews, "four_eyes",
                           asked->studio->four_eyes);
    json_decref(files);
    json_decref(reviews);
    git_tree_free(tree);
    git_commit_free(head);
    return answer;
}

static json_t *studio_on_file(const struct studio_asked *asked)
{
    git_tree *tree;
    if (!studio_asked_tree(asked, studio_text(asked, "version", "draft"), &tree)) return NULL;
    json_t *answer = studio_file(asked->repository, tree, studio_text(asked, "path", ""), asked->error);
    git_tree_free(tree);
    return answer;
}

static json_t *studio_on_check(const struct studio_asked *asked)
{
    const struct studio_unsaved unsaved = {studio_text(asked, "path", NULL), studio_text(asked, "text", NULL)};
    git_tree *tree;
    if (!studio_asked_tree(asked, studio_text(asked, "version", "draft"), &tree)) return NULL;
    json_t *answer = studio_check(asked->repository, tree, &unsaved, asked->studio->stop, asked->error);
    git_tree_free(tree);
    return answer;
}

static json_t *studio_on_diagram(const struct studio_asked *asked)
{
    const struct studio_unsaved unsaved = {studio_text(asked, "path", NULL), studio_text(asked, "text", NULL)};
    git_tree *tree;
    if (!studio_asked_tree(asked, studio_text(asked, "version", "draft"), &tree)) return NULL;
    json_t *answer = studio_diagram(asked->repository, tree, &unsaved, studio_flag(asked, "play"), asked->studio->stop,
                                    asked->error);
    git_tree_free(tree);
    return answer;
}

static unsigned studio_number(const struct studio_asked *asked, const char *name)
{
    return (unsigned)json_integer_value(json_object_get(asked->params, name));
}

static json_t *studio_on_edit(const struct studio_asked *asked)
{
    const struct studio_unsaved unsaved = {studio_text(asked, "path", ""), studio_text(asked, "text", NULL)};
    const struct studio_edit edit = {.line = studio_number(asked, "line"),
                                     .column = studio_number(asked, "column"),
                                     .set = json_object_get(asked->params, "set"),
                                     .insert = studio_text(asked, "insert", NULL),
                                     .remove = studio_flag(asked, "remove")};
    git_tree *tree;
    if (!studio_asked_tree(asked, studio_text(asked, "version", "draft"), &tree)) return NULL;
    json_t *answer = studio_edit(asked->repository, tree, &unsaved, &edit, asked->studio->stop, asked->error);
    git_tree_free(tree);
    return answer;
}

static json_t *studio_on_play(const struct studio_asked *asked)
{
    const struct studio_unsaved unsaved = {studio_text(asked, "path", NULL), studio_text(asked, "text", NULL)};
    git_tree *tree;
    if (!studio_asked_tree(asked, studio_text(asked, "version", "draft"), &tree)) return NULL;
    json_t *answer = studio_play(asked->repository, tree, &unsaved, json_object_get(asked->params, "acts"),
                                 asked->studio->stop, asked->error);
    git_tree_free(tree);
    return answer;
}

static json_t *studio_on_simulate(const struct studio_asked *asked)
{
    const struct studio_unsaved unsaved = {studio_text(asked, "path", NULL), studio_text(asked, "text", NULL)};
    const struct studio_simulated how = {.hourly = studio_number(asked, "hourly"),
                                         .hours = studio_number(asked, "hours"),
                                         .replications = studio_number(asked, "replications"),
                                         .within_s = studio_number(asked, "within_s"),
                                         .strategy = studio_text(asked, "strategy", NULL),
                                         .handling = studio_text(asked, "handling", NULL),
                                         .patience = studio_text(asked, "patience", NULL),
                                         .agents = json_object_get(asked->params, "agents")};
    const char *against = studio_text(asked, "against", NULL);
    git_tree *tree = NULL, *old = NULL;
    json_t *answer = NULL;
    if (studio_asked_tree(asked, studio_text(asked, "version", "draft"), &tree) &&
        (!against || studio_asked_tree(asked, against, &old)))
        answer = studio_simulate(asked->repository, tree, old, against != NULL, &unsaved, &how, asked->studio->stop,
                                 asked->error);
    git_tree_free(tree);
    git_tree_free(old);
    return answer;
}

static json_t *studio_on_history(const struct studio_asked *asked)
{
    git_commit *commit = NULL;
    const char *path = studio_text(asked, "path", NULL);
    json_int_t from = json_integer_value(json_object_get(asked->params, "from"));
    if (path && !studio_path_good(path, asked->error)) return NULL;
    if (!studio_version(asked->repository, studio_text(asked, "version", "draft"), asked->person->name, &commit,
                        asked->error))
        return NULL;
    json_t *rows = studio_history(asked->repository, commit, path, (unsigned)from, asked->error);
    git_commit_free(commit);
    return rows ? json_pack("{s:o}", "commits", rows) : NULL;
}

static json_t *studio_on_difference(const struct studio_asked *asked)
{
    const char *path = studio_text(asked, "path", NULL), *name = asked->person->name;
    const char *since = studio_text(asked, "from", "base"), *until = studio_text(asked, "to", "draft");
    git_commit *old = NULL, *new = NULL;
    json_t *files = NULL, *callers = NULL, *answer = NULL;
    if (path && !studio_path_good(path, asked->error)) return NULL;
    bool good = studio_version(asked->repository, until, name, &new, asked->error);
    if (good && strcmp(since, "base") == 0)
        good = studio_base(asked, new, &old);
    else if (good && *since) /* the version before the first has no files */
        good = studio_version(asked->repository, since, name, &old, asked->error);
    git_tree *from = studio_tree(old), *to = studio_tree(new);
    good = good && (files = studio_difference(asked->repository, from, to, path, asked->error)) &&
           (callers = studio_callers(asked->repository, from, to, asked->studio->stop, asked->error));
    if (good)
        answer = json_pack("{s:O, s:O, s:o, s:o}", "files", files, "callers", callers, "from", studio_commit_json(old),
                           "to", studio_commit_json(new));
    git_tree_free(from);
    git_tree_free(to);
    git_commit_free(old);
    git_commit_free(new);
    json_decref(files);
    json_decref(callers);
    return answer;
}

/* ---- writing ---- */

static json_t *studio_on_save(const struct studio_asked *asked)
{
    const char *path = studio_text(asked, "path", ""), *text = studio_text(asked, "text", NULL);
    bool remove = studio_flag(asked, "remove");
    if (remove == (text != NULL)) {
        error_set(asked->error, ERROR_INPUT, "Say one of these: `text`, or `remove`.");
        return NULL;
    }
    char *usual = g_strdup_printf(remove ? "Removes %s" : "Changes %s", path);
    const char *message = studio_text(asked, "message", "");
    json_t *answer = studio_save(asked->repository, asked->person, path, text, studio_text(asked, "seen", ""),
                                 *message ? message : usual, asked->error);
    g_free(usual);
    return answer;
}

static json_t *studio_on_draft(const struct studio_asked *asked)
{
    if (strcmp(studio_text(asked, "act", ""), "update") == 0) {
        const struct studio_choices chosen = {json_object_get(asked->params, "choices"),
                                              studio_text(asked, "draft", ""), studio_text(asked, "published", "")};
        return studio_update(asked->repository, asked->person, &chosen, asked->error);
    }
    return studio_done(studio_forget(asked->repository, "reviews", asked->person->name, asked->error) &&
                       studio_forget(asked->repository, "drafts", asked->person->name, asked->error));
}

static json_t *studio_on_propose(const struct studio_asked *asked)
{
    return studio_done(
        studio_flag(asked, "on")
            ? studio_propose(asked->repository, asked->person, studio_text(asked, "title", ""), asked->error)
            : studio_forget(asked->repository, "reviews", asked->person->name, asked->error));
}

static json_t *studio_on_decide(const struct studio_asked *asked)
{
    const char *by = studio_text(asked, "by", ""), *commit = studio_text(asked, "commit", "");
    if (!studio_flag(asked, "approve")) return studio_done(studio_decline(asked->repository, by, commit, asked->error));
    return studio_approve(asked->repository, asked->person, by, commit, asked->studio->four_eyes, asked->studio->stop,
                          asked->error);
}

static json_t *studio_on_build(const struct studio_asked *asked)
{
    return studio_build(asked->repository, asked->studio->folder, studio_text(asked, "commit", "head"),
                        asked->studio->stop, asked->error);
}

static json_t *studio_on_what_if(const struct studio_asked *asked)
{
    return studio_what_if(asked->studio->folder, asked->studio->admin, studio_text(asked, "commit", ""),
                          studio_text(asked, "point", NULL), studio_text(asked, "since", "24h"), asked->studio->stop,
                          asked->error);
}

static json_t *studio_on_shadow(const struct studio_asked *asked)
{
    return studio_shadow(asked->studio->folder, asked->studio->admin, studio_text(asked, "commit", ""),
                         studio_text(asked, "point", ""), studio_number(asked, "seconds"), asked->studio->stop,
                         asked->error);
}

static const struct {
    const char *operation;
    json_t *(*on)(const struct studio_asked *);
} studio_operations[] = {
    {"strategies", studio_on_strategies},        {"strategy_file", studio_on_file},
    {"check_strategies", studio_on_check},       {"draw_strategies", studio_on_diagram},
    {"strategy_history", studio_on_history},     {"strategy_difference", studio_on_difference},
    {"save_strategy", studio_on_save},           {"change_draft", studio_on_draft},
    {"propose_strategies", studio_on_propose},   {"decide_strategies", studio_on_decide},
    {"build_strategies", studio_on_build},       {"what_if_strategies", studio_on_what_if},
    {"edit_strategy", studio_on_edit},           {"play_strategies", studio_on_play},
    {"simulate_strategies", studio_on_simulate}, {"shadow_strategies", studio_on_shadow},
};

const char *studio_operation(size_t at)
{
    return at < G_N_ELEMENTS(studio_operations) ? studio_operations[at].operation : NULL;
}

json_t *studio_ask(const struct studio *studio, const char *operation, const struct studio_person *person,
                   const json_t *params, struct error *error)
{
    json_t *answer = NULL;
    git_repository *repository = studio_open(studio->folder, error);
    const struct studio_asked asked = {studio, repository, person, params, error};
    for (size_t at = 0; repository && at < G_N_ELEMENTS(studio_operations); at++)
        if (strcmp(studio_operations[at].operation, operation) == 0) answer = studio_operations[at].on(&asked);
    git_repository_free(repository);
    return answer;
}

char *studio_draft_folder(const struct studio *studio, const struct studio_person *person, struct error *error)
{
    git_repository *repository = studio_open(studio->folder, error);
    const struct studio_asked asked = {studio, repository, person, NULL, error};
    git_tree *tree = NULL;
    char *folder = NULL;
    if (repository && studio_asked_tree(&asked, "draft", &tree)) folder = studio_folder(repository, tree, NULL, error);
    git_tree_free(tree);
    git_repository_free(repository);
    return folder;
}
