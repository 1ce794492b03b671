/* runtime/studio/draft.c - Writes drafts, and publishes what another person has seen. See draft.h. */
#include "runtime/studio/draft.h"

#include <glib.h>
#include <string.h>

#include "base/utf8.h"
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

/* ---- what others have published ---- */

/* What is done with the files in which draft and publication contradict each other. The index calls the publication
 * `ours`, and the draft `theirs`. */
struct studio_taking {
    git_repository *repository;
    git_index *index;
    const json_t *choices; /* by path: `mine` or `published`; NULL: nothing is chosen */
    json_t *both, *choose; /* paths that have both texts now; rows of those that wait for a choice */
};

static bool studio_side_is_text(git_repository *repository, const git_index_entry *side, size_t *bytes)
{
    git_blob *blob = NULL;
    bool file = side->mode == GIT_FILEMODE_BLOB || side->mode == GIT_FILEMODE_BLOB_EXECUTABLE;
    bool text = file && git_blob_lookup(&blob, repository, &side->id) == 0 &&
                git_blob_rawsize(blob) <= STUDIO_TEXT_MAX &&
                utf8_is_text(git_blob_rawcontent(blob), (uint32_t)git_blob_rawsize(blob));
    if (text) *bytes += (size_t)git_blob_rawsize(blob);
    git_blob_free(blob);
    return text;
}

/* Can lines of both be put together? The sum is one that the page can show, too. */
static bool studio_are_texts(git_repository *repository, const git_index_entry *ours, const git_index_entry *theirs)
{
    size_t bytes = 0;
    return studio_side_is_text(repository, ours, &bytes) && studio_side_is_text(repository, theirs, &bytes) &&
           bytes <= STUDIO_TEXT_MAX;
}

/* Is the path a folder on the other side, or a folder of it a file there? */
static bool studio_is_folder_too(git_index *index, const char *path)
{
    char *below = g_strconcat(path, "/", NULL), *above = g_path_get_dirname(path);
    bool found = git_index_find_prefix(NULL, index, below) == 0;
    while (!found && strcmp(above, ".") != 0) {
        char *next = g_path_get_dirname(above);
        found = git_index_find(NULL, index, above) == 0;
        g_free(above);
        above = next;
    }
    g_free(above);
    g_free(below);
    return found;
}

/* Ends the contradiction: the file is this one, or gone where `id` is NULL. */
static bool studio_settle_as(git_index *index, const char *path, const git_oid *id, uint32_t mode)
{
    git_index_entry entry;
    memset(&entry, 0, sizeof entry);
    entry.path = path;
    entry.mode = mode;
    if (id) git_oid_cpy(&entry.id, id);
    return git_index_conflict_remove(index, path) == 0 && (!id || git_index_add(index, &entry) == 0);
}

/* Merges the lines; those that contradict each other are of one side, by `favor`, or of both between lines with <<<<<<<
 * and >>>>>>>, with which gcxc builds nothing. False: it fails, or the text has become too long to be shown. */
static bool studio_settle_lines(const struct studio_taking *taking, const char *path, const git_index_entry *old,
                                const git_index_entry *ours, const git_index_entry *theirs,
                                git_merge_file_favor_t favor)
{
    git_merge_file_options options;
    git_merge_file_result text = {0};
    git_oid id;
    git_merge_file_options_init(&options, GIT_MERGE_FILE_OPTIONS_VERSION);
    options.our_label = "published";
    options.their_label = "draft";
    options.favor = favor;
    bool good = git_merge_file_from_index(&text, taking->repository, old, ours, theirs, &options) == 0 &&
                text.len <= STUDIO_TEXT_MAX &&
                git_blob_create_from_buffer(&id, taking->repository, text.ptr, text.len) == 0 &&
                studio_settle_as(taking->index, path, &id, theirs->mode);
    git_merge_file_result_free(&text);
    return good;
}

static bool studio_settle_chosen(const struct studio_taking *taking, const char *path, const char *what, bool mine)
{
    const git_index_entry *old = NULL, *ours = NULL, *theirs = NULL;
    if (git_index_conflict_get(&old, &ours, &theirs, taking->index, path) != 0) return false;
    const git_index_entry *side = mine ? theirs : ours;
    if (strcmp(what, "lines") == 0)
        return studio_settle_lines(taking, path, old, ours, theirs,
                                   mine ? GIT_MERGE_FILE_FAVOR_THEIRS : GIT_MERGE_FILE_FAVOR_OURS);
    git_oid id = side ? side->id : (git_oid){{0}};
    return studio_settle_as(taking->index, path, side ? &id : NULL, side ? side->mode : 0);
}

/* Settles one path, or has it wait for a choice. */
static bool studio_settle(const struct studio_taking *taking, const char *path)
{
    const git_index_entry *old = NULL, *ours = NULL, *theirs = NULL;
    const char *chosen = json_string_value(json_object_get(taking->choices, path)), *what;
    if (git_index_conflict_get(&old, &ours, &theirs, taking->index, path) != 0) return false;
    bool texts = ours && theirs && studio_are_texts(taking->repository, ours, theirs);
    if (!ours && !theirs) /* both have removed it, or have another name for it */
        return studio_settle_as(taking->index, path, NULL, 0);
    if (studio_is_folder_too(taking->index, path)) {
        what = "folder";
        chosen = NULL;
    } else if (!old && !(ours && theirs)) { /* a new name of one side */
        return studio_settle_chosen(taking, path, "file", theirs != NULL);
    } else if (texts && g_str_has_suffix(path, ".gcx") &&
               studio_settle_lines(taking, path, old, ours, theirs, GIT_MERGE_FILE_FAVOR_NORMAL)) {
        json_array_append_new(taking->both, json_string(path));
        return true;
    } else {
        what = texts ? "lines" : !ours ? "removed_by_others" : !theirs ? "removed_by_me" : "file";
    }
    if (chosen) return studio_settle_chosen(taking, path, what, strcmp(chosen, "mine") == 0);
    return json_array_append_new(taking->choose, json_pack("{s:s, s:s}", "path", path, "what", what)) == 0;
}

/* The paths in which both contradict each other. */
static GPtrArray *studio_conflicts(git_index *index)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    git_index_conflict_iterator *at = NULL;
    const git_index_entry *old, *ours, *theirs;
    if (git_index_conflict_iterator_new(&at, index) != 0) return paths;
    while (git_index_conflict_next(&old, &ours, &theirs, at) == 0)
        g_ptr_array_add(paths, g_strdup((ours ? ours : theirs ? theirs : old)->path));
    git_index_conflict_iterator_free(at);
    return paths;
}

/* Settles what can be settled. False with the reason: a path can be settled by git alone. */
static bool studio_settle_all(const struct studio_taking *taking, const GPtrArray *paths, struct error *error)
{
    for (guint at = 0; at < paths->len; at++) {
        const char *path = g_ptr_array_index(paths, at);
        if (!studio_path_good(path, NULL) || !studio_settle(taking, path))
            return error_set(error, ERROR_STATE,
                             "Draft and publication contradict each other in a file that the console cannot merge: "
                             "merge them with git.");
    }
    return true;
}

/* Writes the tree that the merge of both has. False with the reason: they contradict each other, and where. `taking`:
 * settles that, and where something waits for a choice no tree is written; NULL: a contradiction is refused. */
static bool studio_merged(git_repository *repository, const git_commit *head, const git_commit *draft, git_oid *tree,
                          struct studio_taking *taking, struct error *error)
{
    git_index *index = NULL;
    git_merge_options options;
    git_merge_options_init(&options, GIT_MERGE_OPTIONS_VERSION);
    if (!head) {
        git_oid_cpy(tree, git_commit_tree_id(draft));
        return true;
    }
    int code = git_merge_commits(&index, repository, head, draft, &options);
    if (code != 0) return studio_git_failed(code, "It cannot be merged", error);
    GPtrArray *paths = studio_conflicts(index);
    bool good = true;
    if (taking) {
        taking->index = index;
        good = studio_settle_all(taking, paths, error);
    } else if (paths->len > 0) {
        good = error_set(error, ERROR_STATE,
                         "%.100s contradicts what others have published meanwhile: who has written the draft takes "
                         "that in, and chooses.",
                         (const char *)g_ptr_array_index(paths, 0));
    }
    if (good && (!taking || json_array_size(taking->choose) == 0)) {
        code = git_index_write_tree_to(tree, index, repository);
        good = code == 0 || studio_git_failed(code, "It cannot be merged", error);
    }
    g_ptr_array_free(paths, TRUE);
    git_index_free(index);
    return good;
}

json_t *studio_update(git_repository *repository, const struct studio_person *person,
                      const struct studio_choices *chosen, struct error *error)
{
    char ref[STUDIO_REF_MAX], is[GIT_OID_HEXSZ + 1] = "", published[GIT_OID_HEXSZ + 1] = "";
    git_commit *draft = NULL, *head = NULL;
    git_oid tree, id;
    json_t *answer = NULL;
    struct studio_taking taking = {.repository = repository, .both = json_array(), .choose = json_array()};
    studio_ref("drafts", person->name, ref);
    bool good = studio_commit_of(repository, ref, &draft, error) && studio_commit_of(repository, "HEAD", &head, error);
    if (good && !draft) good = error_set(error, ERROR_UNKNOWN, "You have no draft: what you see is published.");
    if (draft) git_oid_tostr(is, sizeof is, git_commit_id(draft));
    if (head) git_oid_tostr(published, sizeof published, git_commit_id(head));
    if (strcmp(chosen->draft, is) == 0 && strcmp(chosen->published, published) == 0) taking.choices = chosen->by_path;
    const git_commit *parents[2] = {draft, head};
    if (good && head && git_graph_descendant_of(repository, git_commit_id(draft), git_commit_id(head)) != 1)
        good = studio_merged(repository, head, draft, &tree, &taking, error) &&
               (json_array_size(taking.choose) > 0 ||
                studio_commit(repository, ref, draft, &tree, parents, 2, person, person,
                              "Takes in what others have published", &id, error));
    if (good && json_array_size(taking.choose) > 0)
        answer = json_pack("{s:O, s:s, s:s}", "choose", taking.choose, "draft", is, "published", published);
    else if (good)
        answer = json_pack("{s:O}", "both", taking.both);
    json_decref(taking.both);
    json_decref(taking.choose);
    git_commit_free(head);
    git_commit_free(draft);
    return answer;
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
