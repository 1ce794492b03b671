/* runtime/studio/draft.c - Writes drafts, and publishes what another person has seen. See draft.h. */
#include "runtime/studio/draft.h"

#include <glib.h>
#include <string.h>

#include "runtime/studio/check.h"

enum { REVIEW_COMMITS_MAX = 1000 };

char *studio_address(const char *name)
{
    char ref[STUDIO_REF_MAX];
    studio_ref("x", name, ref);
    return g_strconcat(ref + strlen("refs/heads/x/"), "@console", NULL);
}

/* git_signature_free() frees it. */
static git_signature *studio_signature(const struct studio_person *person)
{
    git_signature *signature = NULL;
    char *address = studio_address(person->name),
         *shown = g_strstrip(g_strdelimit(g_strdup(person->shown), "<>\n", ' '));
    (void)git_signature_now(&signature, *shown ? shown : address, address);
    g_free(shown);
    g_free(address);
    return signature;
}

/* Makes a commit of the tree, and moves the reference to it if it is at `old` still; NULL: it is not there yet. */
static bool studio_commit(git_repository *repository, const char *ref, const git_commit *old, const git_oid *tree_id,
                          const git_commit **parents, size_t count, const struct studio_person *author,
                          const struct studio_person *committer, const char *message, git_oid *id, struct error *error)
{
    git_tree *tree = NULL;
    git_reference *moved = NULL;
    git_oid none = {{0}};
    git_signature *wrote = studio_signature(author), *made = studio_signature(committer);
    int code = wrote && made ? git_tree_lookup(&tree, repository, tree_id) : GIT_ERROR;
    if (code == 0) code = git_commit_create(id, repository, NULL, wrote, made, "UTF-8", message, tree, count, parents);
    if (code == 0)
        code =
            git_reference_create_matching(&moved, repository, ref, id, 1, old ? git_commit_id(old) : &none, "console");
    git_reference_free(moved);
    git_tree_free(tree);
    git_signature_free(wrote);
    git_signature_free(made);
    if (code == GIT_EMODIFIED || code == GIT_EEXISTS)
        return error_set(error, ERROR_STATE, "Somebody has saved meanwhile: load it again.");
    return code == 0 || studio_git_failed(code, "It is not saved", error);
}

/* ---- saving ---- */

static bool studio_is_seen(git_repository *repository, const git_tree *tree, const char *path, const char *seen,
                           struct error *error)
{
    git_tree_entry *entry = NULL;
    const char *is = "";
    char text[GIT_OID_HEXSZ + 1];
    if (tree && git_tree_entry_bypath(&entry, tree, path) == 0)
        is = git_oid_tostr(text, sizeof text, git_tree_entry_id(entry));
    bool same = strcmp(is, seen) == 0, blob = !entry || git_tree_entry_type(entry) == GIT_OBJECT_BLOB;
    git_tree_entry_free(entry);
    (void)repository;
    if (!blob) return error_set(error, ERROR_INPUT, "There is a folder of this name.");
    return same || error_set(error, ERROR_STATE,
                             *is ? "The file is another one meanwhile: load it again, and write your change into it."
                                 : "The file is gone meanwhile: save it under another name, or leave it.");
}

/* Writes the tree with the one file changed. */
static bool studio_tree_with(git_repository *repository, git_tree *base, const char *path, const char *text,
                             git_oid *tree, git_oid *blob, struct error *error)
{
    git_tree_update update = {
        .action = text ? GIT_TREE_UPDATE_UPSERT : GIT_TREE_UPDATE_REMOVE, .filemode = GIT_FILEMODE_BLOB, .path = path};
    int code = text ? git_blob_create_from_buffer(blob, repository, text, strlen(text)) : 0;
    update.id = *blob;
    if (code == 0) code = git_tree_create_updated(tree, repository, base, 1, &update);
    return code == 0 || error_set(error, ERROR_INPUT, "The file cannot be saved by this path: %s",
                                  git_error_last() ? git_error_last()->message : "git refuses it");
}

json_t *studio_save(git_repository *repository, const struct studio_person *person, const char *path, const char *text,
                    const char *seen, const char *message, struct error *error)
{
    char ref[STUDIO_REF_MAX], ids[2][GIT_OID_HEXSZ + 1];
    git_commit *draft = NULL, *base = NULL;
    git_oid tree_id, blob = {{0}}, id;
    json_t *saved = NULL;
    if (!studio_path_good(path, error)) return NULL;
    if (!text && !*seen) {
        error_set(error, ERROR_UNKNOWN, "There is no such file.");
        return NULL;
    }
    studio_ref("drafts", person->name, ref);
    if (!studio_commit_of(repository, ref, &draft, error)) return NULL;
    bool good = studio_version(repository, "draft", person->name, &base, error);
    git_tree *tree = studio_tree(base);
    good = good && studio_is_seen(repository, tree, path, seen, error) &&
           studio_tree_with(repository, tree, path, text, &tree_id, &blob, error);
    if (good && tree && git_oid_equal(&tree_id, git_tree_id(tree))) /* nothing is changed: there is no empty commit */
        git_oid_cpy(&id, git_commit_id(base));
    else
        good = good && studio_commit(repository, ref, draft, &tree_id, (const git_commit *[]){base}, base ? 1 : 0,
                                     person, person, message, &id, error);
    if (good)
        saved = json_pack("{s:s, s:s}", "commit", git_oid_tostr(ids[0], sizeof ids[0], &id), "id",
                          text ? git_oid_tostr(ids[1], sizeof ids[1], &blob) : "");
    git_tree_free(tree);
    git_commit_free(base);
    git_commit_free(draft);
    return saved;
}

bool studio_forget(git_repository *repository, const char *kind, const char *person, struct error *error)
{
    char ref[STUDIO_REF_MAX];
    studio_ref(kind, person, ref);
    int code = git_reference_remove(repository, ref);
    return code == 0 || code == GIT_ENOTFOUND || studio_git_failed(code, "It is not removed", error);
}

/* ---- reviews ---- */

/* Makes the title a commit of the draft, which changes no file: what waits for approval, and what is published then, is
 * called by it. */
static bool studio_entitle(git_repository *repository, const struct studio_person *person, const char *ref,
                           git_commit **draft, const char *title, struct error *error)
{
    git_oid id;
    git_commit *named = NULL;
    char *line = g_strstrip(g_strdelimit(g_strdup(title), "\r\n", ' '));
    const char *is = git_commit_summary(*draft);
    bool good = !*line || (is && strcmp(is, line) == 0);
    if (!good) {
        good = studio_commit(repository, ref, *draft, git_commit_tree_id(*draft), (const git_commit *[]){*draft}, 1,
                             person, person, line, &id, error) &&
               git_commit_lookup(&named, repository, &id) == 0;
        if (named) {
            git_commit_free(*draft);
            *draft = named;
        }
    }
    g_free(line);
    return good;
}

bool studio_propose(git_repository *repository, const struct studio_person *person, const char *title,
                    struct error *error)
{
    char draft[STUDIO_REF_MAX], review[STUDIO_REF_MAX];
    git_commit *commit = NULL;
    git_reference *made = NULL;
    studio_ref("drafts", person->name, draft);
    studio_ref("reviews", person->name, review);
    if (!studio_commit_of(repository, draft, &commit, error)) return false;
    if (!commit) return error_set(error, ERROR_UNKNOWN, "You have no draft: save a change first.");
    if (!studio_entitle(repository, person, draft, &commit, title, error)) {
        git_commit_free(commit);
        return false;
    }
    int code = git_reference_create(&made, repository, review, git_commit_id(commit), 1, "console: proposed");
    git_reference_free(made);
    git_commit_free(commit);
    return code == 0 || studio_git_failed(code, "It is not proposed", error);
}

/* Has the person written a commit of the review that HEAD does not have? True also where this cannot be told,
 * as the commits are too many. */
static bool studio_has_written(git_repository *repository, const git_commit *review, const char *person)
{
    git_revwalk *walk = NULL;
    git_oid id;
    char *address = studio_address(person);
    bool wrote = git_revwalk_new(&walk, repository) != 0 || git_revwalk_push(walk, git_commit_id(review)) != 0;
    if (!wrote) (void)git_revwalk_hide_head(walk); /* an unborn HEAD hides nothing */
    for (unsigned seen = 0; !wrote && git_revwalk_next(&id, walk) == 0; seen++) {
        git_commit *one = NULL;
        wrote = seen == REVIEW_COMMITS_MAX || git_commit_lookup(&one, repository, &id) != 0 ||
                strcmp(git_commit_author(one)->email, address) == 0;
        git_commit_free(one);
    }
    git_revwalk_free(walk);
    g_free(address);
    return wrote;
}

json_t *studio_reviews(git_repository *repository, const struct studio_person *person, struct error *error)
{
    git_reference_iterator *at = NULL;
    const char *ref;
    json_t *rows = json_array();
    int code = git_reference_iterator_glob_new(&at, repository, "refs/heads/reviews/*");
    if (code != 0) studio_git_failed(code, "reviews", error);
    while (code == 0 && git_reference_next_name(&ref, at) == 0) {
        git_commit *commit = NULL;
        char *by = studio_ref_person("reviews", ref);
        if (by && studio_commit_of(repository, ref, &commit, NULL) && commit) {
            bool mine = strcmp(by, person->name) == 0 || studio_has_written(repository, commit, person->name);
            json_t *row = json_pack("{s:s, s:s, s:s?, s:I, s:b}", "by", by, "commit",
                                    git_oid_tostr_s(git_commit_id(commit)), "message", git_commit_summary(commit),
                                    "at_ms", (json_int_t)git_commit_time(commit) * 1000, "mine", mine);
            if (row) json_array_append_new(rows, row);
        }
        git_commit_free(commit);
        g_free(by);
    }
    git_reference_iterator_free(at);
    if (code == 0) return rows;
    json_decref(rows);
    return NULL;
}

/* Puts both texts of a strategy that contradict each other into one, between lines with <<<<<<< and >>>>>>>, with which
 * gcxc builds nothing: the person chooses. False: it is no strategy, or one of the two has removed it. */
static bool studio_both_texts(git_repository *repository, git_index *index, const git_index_entry *old,
                              const git_index_entry *ours, const git_index_entry *theirs, json_t *both)
{
    git_merge_file_options options;
    git_merge_file_result text = {0};
    git_index_entry entry;
    if (!ours || !theirs || !g_str_has_suffix(ours->path, ".gcx")) return false;
    git_merge_file_options_init(&options, GIT_MERGE_FILE_OPTIONS_VERSION);
    options.our_label = "published";
    options.their_label = "draft";
    char *path = g_strdup(ours->path); /* the index owns the other one */
    memset(&entry, 0, sizeof entry);
    entry.path = path;
    entry.mode = GIT_FILEMODE_BLOB;
    bool good = git_merge_file_from_index(&text, repository, old, ours, theirs, &options) == 0 &&
                git_blob_create_from_buffer(&entry.id, repository, text.ptr, text.len) == 0 &&
                git_index_conflict_remove(index, path) == 0 && git_index_add(index, &entry) == 0;
    if (good) json_array_append_new(both, json_string(path));
    git_merge_file_result_free(&text);
    g_free(path);
    return good;
}

/* Settles what contradicts each other in strategies. False: something is left. */
static bool studio_settled(git_repository *repository, git_index *index, json_t *both)
{
    bool good = true;
    while (good && git_index_has_conflicts(index)) {
        git_index_conflict_iterator *at = NULL;
        const git_index_entry *old = NULL, *ours = NULL, *theirs = NULL;
        good = git_index_conflict_iterator_new(&at, index) == 0 &&
               git_index_conflict_next(&old, &ours, &theirs, at) == 0 &&
               studio_both_texts(repository, index, old, ours, theirs, both);
        git_index_conflict_iterator_free(at);
    }
    return good;
}

/* Writes the tree that the merge of both has. False with the reason: they contradict each other, and where. `both`:
 * takes the paths of strategies with both texts; NULL: a contradiction is refused. */
static bool studio_merged(git_repository *repository, const git_commit *head, const git_commit *review, git_oid *tree,
                          json_t *both, struct error *error)
{
    git_index *index = NULL;
    git_merge_options options;
    git_merge_options_init(&options, GIT_MERGE_OPTIONS_VERSION);
    if (!head) {
        git_oid_cpy(tree, git_commit_tree_id(review));
        return true;
    }
    int code = git_merge_commits(&index, repository, head, review, &options);
    if (code == 0 && git_index_has_conflicts(index) && (!both || !studio_settled(repository, index, both))) {
        git_index_conflict_iterator *at = NULL;
        const git_index_entry *old = NULL, *ours = NULL, *theirs = NULL;
        (void)git_index_conflict_iterator_new(&at, index);
        (void)git_index_conflict_next(&old, &ours, &theirs, at);
        const git_index_entry *one = ours ? ours : theirs ? theirs : old;
        error_set(error, ERROR_STATE,
                  "%.100s was changed by others in the same lines: who has written the draft takes that in, and "
                  "chooses.",
                  one ? one->path : "A file");
        git_index_conflict_iterator_free(at);
        git_index_free(index);
        return false;
    }
    if (code == 0) code = git_index_write_tree_to(tree, index, repository);
    git_index_free(index);
    return code == 0 || studio_git_failed(code, "It cannot be merged", error);
}

bool studio_update(git_repository *repository, const struct studio_person *person, json_t *both, struct error *error)
{
    char ref[STUDIO_REF_MAX];
    git_commit *draft = NULL, *head = NULL;
    git_oid tree, id;
    studio_ref("drafts", person->name, ref);
    bool good = studio_commit_of(repository, ref, &draft, error) && studio_commit_of(repository, "HEAD", &head, error);
    const git_commit *parents[2] = {draft, head};
    if (good && !draft) good = error_set(error, ERROR_UNKNOWN, "You have no draft: what you see is published.");
    if (good && head && git_graph_descendant_of(repository, git_commit_id(draft), git_commit_id(head)) != 1)
        good = studio_merged(repository, head, draft, &tree, both, error) &&
               studio_commit(repository, ref, draft, &tree, parents, 2, person, person,
                             "Takes in what others have published", &id, error);
    git_commit_free(head);
    git_commit_free(draft);
    return good;
}

/* The full name of HEAD's branch, also of one without a commit; g_free. */
static char *studio_branch(git_repository *repository)
{
    git_reference *head = NULL;
    char *name = NULL;
    if (git_reference_lookup(&head, repository, "HEAD") == 0 && git_reference_type(head) == GIT_REFERENCE_SYMBOLIC)
        name = g_strdup(git_reference_symbolic_target(head));
    git_reference_free(head);
    return name;
}

/* Has gcxc no error in what is to be published? */
static bool studio_is_good(git_repository *repository, const git_oid *tree_id, int stop, struct error *error)
{
    git_tree *tree = NULL;
    int code = git_tree_lookup(&tree, repository, tree_id);
    if (code != 0) return studio_git_failed(code, "It is not published", error);
    json_t *found = studio_check(repository, tree, NULL, stop, error);
    json_int_t errors = json_integer_value(json_object_get(found, "errors"));
    git_tree_free(tree);
    if (found && errors > 0)
        error_set(error, ERROR_STATE, "It would have %d errors, and is not published: its writer has to mend them.",
                  (int)errors);
    json_decref(found);
    return found && errors == 0;
}

static json_t *studio_publish(git_repository *repository, const struct studio_person *person, const char *by,
                              git_commit *review, int stop, struct error *error)
{
    git_commit *head = NULL;
    git_oid tree, id;
    json_t *done = NULL;
    char *branch = studio_branch(repository), *message = g_strdup_printf("%s\n", git_commit_summary(review));
    const struct studio_person author = {by, git_commit_author(review)->name};
    bool good = branch ? studio_commit_of(repository, branch, &head, error)
                       : error_set(error, ERROR_STATE, "The repository's HEAD is no branch.");
    const git_commit *parents[2] = {head ? head : review, review};
    good = good && studio_merged(repository, head, review, &tree, NULL, error) &&
           studio_is_good(repository, &tree, stop, error) &&
           studio_commit(repository, branch, head, &tree, parents, head ? 2 : 1, &author, person, message, &id, error);
    if (good) done = json_pack("{s:s}", "commit", git_oid_tostr_s(&id));
    git_commit_free(head);
    g_free(message);
    g_free(branch);
    return done;
}

/* Returns what the person asks to have approved, if it is the commit that was seen; NULL with the reason. */
static git_commit *studio_review_seen(git_repository *repository, const char *by, const char *commit,
                                      struct error *error)
{
    char ref[STUDIO_REF_MAX];
    git_commit *review = NULL;
    studio_ref("reviews", by, ref);
    if (!studio_commit_of(repository, ref, &review, error)) return NULL;
    if (review && strcmp(git_oid_tostr_s(git_commit_id(review)), commit) == 0) return review;
    if (!review)
        error_set(error, ERROR_UNKNOWN, "%.100s asks for no review: it was published or taken back.", by);
    else
        error_set(error, ERROR_STATE, "The review is another one meanwhile: look at it again.");
    git_commit_free(review);
    return NULL;
}

bool studio_decline(git_repository *repository, const char *by, const char *commit, struct error *error)
{
    git_commit *review = studio_review_seen(repository, by, commit, error);
    bool good = review && studio_forget(repository, "reviews", by, error);
    git_commit_free(review);
    return good;
}

json_t *studio_approve(git_repository *repository, const struct studio_person *person, const char *by,
                       const char *commit, bool four_eyes, int stop, struct error *error)
{
    char draft[STUDIO_REF_MAX];
    git_commit *review = studio_review_seen(repository, by, commit, error), *last = NULL;
    json_t *done = NULL;
    studio_ref("drafts", by, draft);
    if (!review) return NULL;
    if (four_eyes && (strcmp(by, person->name) == 0 || studio_has_written(repository, review, person->name)))
        error_set(error, ERROR_DENIED, "Somebody else must approve it: you have written it.");
    else
        done = studio_publish(repository, person, by, review, stop, error);
    if (done) {
        (void)studio_forget(repository, "reviews", by, NULL);
        if (studio_commit_of(repository, draft, &last, NULL) && last &&
            git_oid_equal(git_commit_id(last), git_commit_id(review)))
            (void)studio_forget(repository, "drafts", by, NULL); /* what was saved since then stays a draft */
    }
    git_commit_free(last);
    git_commit_free(review);
    return done;
}
