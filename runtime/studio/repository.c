/* runtime/studio/repository.c - Reads versions and files of the repository. See repository.h.
 *
 * Names and contents are other people's: a tree may have a name such as `..`, a link, or a file of a gigabyte. What is
 * no plain file with a good path is left out. */
#include "runtime/studio/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"

enum { EXPORT_BYTES_MAX = 64 * 1024 * 1024, PATH_DEPTH_MAX = 8 };

bool studio_git_failed(int code, const char *what, struct error *error)
{
    const git_error *last = git_error_last();
    enum error_code is = code == GIT_ENOTFOUND ? ERROR_UNKNOWN
                         : code == GIT_ELOCKED || code == GIT_EMODIFIED || code == GIT_EEXISTS || code == GIT_ECONFLICT
                             ? ERROR_STATE
                             : ERROR_UNAVAILABLE;
    return error_set(error, is, "%s: %s", what, last && last->message ? last->message : "git fails");
}

/* Once for the process: no configuration of the machine or of a user is read. */
static gpointer studio_git_begin(gpointer unused)
{
    (void)unused;
    git_libgit2_init();
    for (int level = GIT_CONFIG_LEVEL_PROGRAMDATA; level <= GIT_CONFIG_LEVEL_GLOBAL; level++)
        git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
    return NULL;
}

git_repository *studio_open(const char *folder, struct error *error)
{
    static GOnce once = G_ONCE_INIT;
    git_repository *repository = NULL;
    g_once(&once, studio_git_begin, NULL);
    int code = git_repository_open_ext(&repository, folder, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
    if (code != 0) {
        studio_git_failed(code, "strategies", error);
        return NULL;
    }
    if (git_repository_is_bare(repository)) return repository;
    git_repository_free(repository);
    error_set(
        error, ERROR_INPUT,
        "strategies: %s has files of its own: make a repository without them, by git clone --bare, and let people "
        "push to it",
        folder);
    return NULL;
}

/* ---- names ---- */

static bool studio_part_good(const char *part)
{
    return *part && part[0] != '.' && strlen(part) <= 100 && g_ascii_strncasecmp(part, "git~", 4) != 0;
}

bool studio_path_good(const char *path, struct error *error)
{
    size_t length = strlen(path);
    bool good = length > 0 && length < STUDIO_PATH_MAX && utf8_is_text(path, (uint32_t)length);
    char **parts = g_strsplit(good ? path : "", "/", PATH_DEPTH_MAX + 1);
    for (const char *at = path; good && *at; at++) good = (unsigned char)*at >= ' ' && *at != '\\' && *at != 127;
    good = good && g_strv_length(parts) <= PATH_DEPTH_MAX;
    for (char **part = parts; good && *part; part++) good = studio_part_good(*part);
    g_strfreev(parts);
    return good || error_set(error, ERROR_INPUT,
                             "This cannot be a file's path: write names with / between them, and none "
                             "that begins with a dot.");
}

void studio_ref(const char *kind, const char *name, char ref[STUDIO_REF_MAX])
{
    GString *text = g_string_new("refs/heads/");
    g_string_append_printf(text, "%s/", kind);
    for (; *name; name++)
        if (g_ascii_isalnum(*name) || *name == '-' || *name == '_')
            g_string_append_c(text, *name);
        else
            g_string_append_printf(text, "%%%02X", (unsigned char)*name);
    g_strlcpy(ref, text->str, STUDIO_REF_MAX);
    g_string_free(text, TRUE);
}

char *studio_ref_person(const char *kind, const char *ref)
{
    char *before = g_strdup_printf("refs/heads/%s/", kind), *name = NULL;
    if (g_str_has_prefix(ref, before)) name = g_uri_unescape_string(ref + strlen(before), NULL);
    if (name && !g_utf8_validate(name, -1, NULL)) g_clear_pointer(&name, g_free);
    g_free(before);
    return name;
}

bool studio_commit_of(git_repository *repository, const char *ref, git_commit **commit, struct error *error)
{
    git_oid id;
    *commit = NULL;
    int code = git_reference_name_to_id(&id, repository, ref);
    if (code == GIT_ENOTFOUND || code == GIT_EUNBORNBRANCH) return true;
    if (code == 0) code = git_commit_lookup(commit, repository, &id);
    return code == 0 || studio_git_failed(code, ref, error);
}

bool studio_version(git_repository *repository, const char *version, const char *person, git_commit **commit,
                    struct error *error)
{
    char ref[STUDIO_REF_MAX];
    git_oid id;
    *commit = NULL;
    if (strcmp(version, "draft") == 0) {
        studio_ref("drafts", person, ref);
        if (!studio_commit_of(repository, ref, commit, error)) return false;
        if (*commit) return true;
    } else if (strcmp(version, "head") != 0) {
        if (strlen(version) != GIT_OID_HEXSZ || git_oid_fromstr(&id, version) != 0 ||
            git_commit_lookup(commit, repository, &id) != 0)
            return error_set(error, ERROR_UNKNOWN, "There is no such version.");
        return true;
    }
    return studio_commit_of(repository, "HEAD", commit, error);
}

git_tree *studio_tree(const git_commit *commit)
{
    git_tree *tree = NULL;
    return commit && git_commit_tree(&tree, commit) == 0 ? tree : NULL;
}

/* ---- files ---- */

struct studio_walk {
    git_repository *repository;
    json_t *files;
    const char *folder; /* of an export; NULL: files are listed */
    size_t count, bytes;
    struct error *error;
    bool failed;
};

static bool studio_is_file(const git_tree_entry *entry)
{
    git_filemode_t mode = git_tree_entry_filemode(entry);
    return mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE;
}

/* Takes one file of the tree: lists or writes it. */
static bool studio_walk_file(struct studio_walk *walk, const char *path, const git_tree_entry *entry)
{
    git_odb *odb = NULL;
    git_object_t type;
    size_t bytes = 0;
    if (git_repository_odb(&odb, walk->repository) == 0)
        (void)git_odb_read_header(&bytes, &type, odb, git_tree_entry_id(entry));
    git_odb_free(odb);
    walk->bytes += bytes;
    if (!walk->folder) {
        json_array_append_new(walk->files,
                              json_pack("{s:s, s:s, s:I}", "path", path, "id",
                                        git_oid_tostr_s(git_tree_entry_id(entry)), "bytes", (json_int_t)bytes));
        return true;
    }
    if (walk->bytes > EXPORT_BYTES_MAX)
        return error_set(walk->error, ERROR_LIMIT, "The repository's files have more than %d MiB.",
                         EXPORT_BYTES_MAX / 1024 / 1024);
    git_blob *blob = NULL;
    int code = git_blob_lookup(&blob, walk->repository, git_tree_entry_id(entry));
    bool good = code == 0 ? studio_export_text(walk->folder, path, git_blob_rawcontent(blob),
                                               (size_t)git_blob_rawsize(blob), walk->error)
                          : studio_git_failed(code, path, walk->error);
    git_blob_free(blob);
    return good;
}

/* Called by libgit2 for each entry: 0 goes on, 1 leaves the entry out, -1 ends. */
static int studio_walk_entry(const char *root, const git_tree_entry *entry, void *self)
{
    struct studio_walk *walk = self;
    char *path = g_strconcat(root, git_tree_entry_name(entry), NULL);
    bool good = studio_path_good(path, NULL);
    /* Folders count, too: one that names the same empty folder a thousand times is a small thing to push. */
    if (++walk->count > STUDIO_FILES_MAX)
        walk->failed = !error_set(walk->error, ERROR_LIMIT, "The repository has more than %d files.", STUDIO_FILES_MAX);
    else if (good && studio_is_file(entry))
        walk->failed = !studio_walk_file(walk, path, entry);
    g_free(path);
    return walk->failed ? -1 : good ? 0 : 1;
}

static bool studio_walk(struct studio_walk *walk, const git_tree *tree)
{
    if (!tree) return true;
    int code = git_tree_walk(tree, GIT_TREEWALK_PRE, studio_walk_entry, walk);
    if (walk->failed) return false;
    return code == 0 || studio_git_failed(code, "strategies", walk->error);
}

json_t *studio_files(git_repository *repository, const git_tree *tree, struct error *error)
{
    struct studio_walk walk = {.repository = repository, .files = json_array(), .error = error};
    if (studio_walk(&walk, tree)) return walk.files;
    json_decref(walk.files);
    return NULL;
}

json_t *studio_file(git_repository *repository, const git_tree *tree, const char *path, struct error *error)
{
    git_tree_entry *entry = NULL;
    git_blob *blob = NULL;
    json_t *file = NULL;
    if (!studio_path_good(path, error)) return NULL;
    bool there = tree && git_tree_entry_bypath(&entry, tree, path) == 0 && studio_is_file(entry) &&
                 git_blob_lookup(&blob, repository, git_tree_entry_id(entry)) == 0;
    const char *text = there ? git_blob_rawcontent(blob) : NULL;
    git_object_size_t length = there ? git_blob_rawsize(blob) : 0;
    if (!there)
        error_set(error, ERROR_UNKNOWN, "There is no such file.");
    else if (length > STUDIO_TEXT_MAX || !utf8_is_text(text, (uint32_t)length))
        error_set(error, ERROR_INPUT, "The file is no text, or too long to be shown.");
    else
        file = json_pack("{s:s, s:s, s:s%}", "path", path, "id", git_oid_tostr_s(git_blob_id(blob)), "text", text,
                         (size_t)length);
    git_blob_free(blob);
    git_tree_entry_free(entry);
    return file;
}

bool studio_export(git_repository *repository, const git_tree *tree, const char *folder, struct error *error)
{
    struct studio_walk walk = {.repository = repository, .folder = folder, .error = error};
    return studio_walk(&walk, tree);
}

bool studio_export_text(const char *folder, const char *path, const void *text, size_t length, struct error *error)
{
    if (!studio_path_good(path, error)) return false;
    char *whole = g_build_filename(folder, path, NULL), *below = g_path_get_dirname(whole);
    bool good = g_mkdir_with_parents(below, 0700) == 0;
    int fd = good ? open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600) : -1;
    good = fd >= 0 && file_put_all(fd, text, length);
    if (!good) error_set(error, ERROR_SYSTEM, "%s: %s", path, g_strerror(errno));
    if (fd >= 0) close(fd);
    g_free(below);
    g_free(whole);
    return good;
}
