/* tests/unit/base_file.c - Regular files are opened; of anything else nobody waits for the other end. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

TestSuite(base_file, .timeout = 10);

struct folder {
    char name[64], path[80];
};

static void folder_make(struct folder *folder)
{
    strcpy(folder->name, "/tmp/gcx-file-XXXXXX");
    cr_assert_not_null(mkdtemp(folder->name));
    snprintf(folder->path, sizeof folder->path, "%s/it", folder->name);
}

static void folder_remove(const struct folder *folder)
{
    unlink(folder->path);
    rmdir(folder->name);
}

static void write_it(const struct folder *folder, size_t length)
{
    const char *why;
    int fd = file_open(folder->path, O_WRONLY | O_CREAT | O_TRUNC, 0600, &why);
    cr_assert_geq(fd, 0);
    for (size_t i = 0; i < length; i++) cr_assert_eq(write(fd, "x", 1), 1);
    close(fd);
}

static void refused(const char *path, const char *reason)
{
    static const int flags[] = {O_RDONLY, O_WRONLY, O_RDWR, O_WRONLY | O_CREAT | O_APPEND};
    const char *why = "";
    size_t length;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        cr_expect_eq(file_open(path, flags[i], 0600, &why), -1);
        cr_expect_str_eq(why, reason);
    }
    cr_expect_null(file_reader(path, &why));
    cr_expect_null(file_read(path, 10, &length, &why));
    cr_expect_not(file_may_be_read(path, &why));
    cr_expect_str_eq(why, reason);
}

Test(base_file, a_pipe_is_refused_and_not_waited_for)
{
    struct folder folder;
    folder_make(&folder);
    cr_assert_eq(mkfifo(folder.path, 0600), 0);
    refused(folder.path, "it is a named pipe; expected a file");
    folder_remove(&folder);
}

Test(base_file, folders_devices_and_sockets_are_refused)
{
    struct folder folder;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    folder_make(&folder);
    strcpy(address.sun_path, folder.path);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    refused(folder.path, "it is a socket; expected a file");
    refused(folder.name, "it is a folder; expected a file");
    refused("/dev/null", "it is a device; expected a file");
    close(fd);
    folder_remove(&folder);
}

Test(base_file, a_file_is_read_whole_or_not_at_all)
{
    static const size_t lengths[] = {0, 1, 65534, 65535, 65536, 200000};
    struct folder folder;
    const char *why = "";
    size_t length;
    folder_make(&folder);
    cr_assert_null(file_read(folder.path, 10, &length, &why));
    cr_assert_str_eq(why, "No such file or directory");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        write_it(&folder, lengths[i]);
        char *text = file_read(folder.path, lengths[i], &length, &why);
        cr_assert_not_null(text, "%s", why);
        cr_assert_eq(length, lengths[i]);
        cr_assert_eq(strlen(text), length);
        free(text);
        if (lengths[i] == 0) continue;
        cr_assert_null(file_read(folder.path, lengths[i] - 1, &length, &why));
        cr_assert_str_eq(why, "it is too long");
    }
    folder_remove(&folder);
}

Test(base_file, what_is_opened_does_not_outlive_exec)
{
    struct folder folder;
    const char *why;
    folder_make(&folder);
    write_it(&folder, 1);
    FILE *file = file_reader(folder.path, &why);
    cr_assert_not_null(file);
    cr_assert(fcntl(fileno(file), F_GETFD) & FD_CLOEXEC);
    fclose(file);
    folder_remove(&folder);
}

Test(base_file, another_file_of_the_name_is_told_from_the_one_that_was_there)
{
    struct folder folder;
    struct stat info;
    bool there;
    folder_make(&folder);
    cr_expect_not(file_synced(folder.path));
    cr_expect_eq(errno, ENOENT);
    write_it(&folder, 1);
    cr_assert_eq(stat(folder.path, &info), 0);
    const struct file_identity first = file_identity(&info);
    cr_expect(file_synced(folder.path) && file_synced(folder.name));
    cr_expect(file_still(folder.path, &first, &there) && there);
    char other[96];
    snprintf(other, sizeof other, "%s.old", folder.path);
    cr_assert_eq(rename(folder.path, other), 0);
    cr_expect_not(file_still(folder.path, &first, &there));
    cr_expect_not(there);
    write_it(&folder, 1);
    cr_expect_not(file_still(folder.path, &first, &there));
    cr_expect(there);
    cr_expect_not(file_still(folder.path, &first, NULL));
    unlink(other);
    folder_remove(&folder);
}

Test(base_file, a_secret_has_no_blanks_at_its_ends_and_no_mark_in_front)
{
    static const char *const rows[][2] = {{"secret\n", "secret"},
                                          {" secret \t\r\nmore", "secret"},
                                          {"\xef\xbb\xbfsecret", "secret"},
                                          {"two words\n", "two words"},
                                          {" \t\n", ""},
                                          {"", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[40];
        snprintf(text, sizeof text, "%s", rows[i][0]);
        cr_expect_str_eq(file_secret(text), rows[i][1]);
    }
}

/* A pipe takes a part of it only, and then its reader goes. */
Test(base_file, all_is_written_or_the_reason_is_told)
{
    static char bytes[300000], back[sizeof bytes];
    struct folder folder;
    const char *why;
    size_t length;
    int ends[2];
    folder_make(&folder);
    memset(bytes, 'y', sizeof bytes);
    int fd = open(folder.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert(file_put_all(fd, bytes, sizeof bytes));
    cr_assert(file_put_all(fd, bytes, 0));
    close(fd);
    char *text = file_read(folder.path, sizeof bytes, &length, &why);
    cr_assert_eq(length, sizeof bytes);
    cr_assert_eq(memcmp(text, bytes, sizeof bytes), 0);
    free(text);
    cr_assert_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    cr_assert_not(file_put_all(ends[1], bytes, sizeof bytes));
    cr_assert_eq(errno, EAGAIN);
    cr_assert_gt(read(ends[0], back, sizeof back), 0, "what had room is there");
    signal(SIGPIPE, SIG_IGN);
    close(ends[0]);
    cr_assert_not(file_put_all(ends[1], bytes, sizeof bytes));
    cr_assert_eq(errno, EPIPE);
    close(ends[1]);
    folder_remove(&folder);
}

/* A pipe gives it in parts. */
Test(base_file, all_is_read_though_it_comes_in_parts)
{
    char back[8];
    int ends[2], status;
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t writer = fork();
    for (int i = 0; writer == 0 && i < 3; i++) {
        usleep(20000);
        if (write(ends[1], &"abc"[i], 1) != 1) _exit(1);
    }
    if (writer == 0) _exit(0);
    close(ends[1]);
    cr_expect_eq(file_take_all(ends[0], back, 2), 2);
    cr_expect_eq(file_take_all(ends[0], back + 2, sizeof back - 2), 1);
    cr_expect_eq(memcmp(back, "abc", 3), 0);
    close(ends[0]);
    cr_expect_eq(file_take_all(ends[0], back, 1), -1);
    waitpid(writer, &status, 0);
}

/* What cannot be read on looks to readdir(3) as if it had no more. */
Test(base_file, a_folder_that_cannot_be_read_is_told_from_one_that_has_no_more)
{
    struct folder folder;
    unsigned count = 0;
    folder_make(&folder);
    write_it(&folder, 1);
    DIR *open = opendir(folder.name);
    cr_assert_not_null(open);
    for (struct dirent *entry; (entry = file_next(open)); count++) cr_expect_str_eq(entry->d_name, "it");
    cr_expect_eq(errno, 0);
    cr_expect_eq(count, 1);
    closedir(open);
    open = opendir(folder.name);
    int file = file_open(folder.path, O_RDONLY, 0, &(const char *){NULL});
    cr_assert_eq(dup2(file, dirfd(open)), dirfd(open));
    cr_expect_null(file_next(open));
    cr_expect_eq(errno, ENOTDIR);
    close(file);
    closedir(open);
    folder_remove(&folder);
}

Test(base_file, a_renewed_file_keeps_its_mode_and_a_link_to_it)
{
    struct folder folder;
    struct stat info;
    const char *why;
    size_t length;
    char link[96];
    folder_make(&folder);
    write_it(&folder, 3);
    snprintf(link, sizeof link, "%s.link", folder.path);
    cr_assert_eq(chmod(folder.path, 0640), 0);
    cr_assert_eq(symlink(folder.path, link), 0);
    cr_assert(file_renew(link, "renewed", 7));
    cr_assert_eq(lstat(link, &info), 0);
    cr_assert(S_ISLNK(info.st_mode));
    cr_assert_eq(stat(folder.path, &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0640);
    char *text = file_read(folder.path, 100, &length, &why);
    cr_assert_str_eq(text, "renewed");
    free(text);
    unlink(link);
    cr_assert(file_renew(link, "new", 3));
    cr_assert_eq(stat(link, &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0644);
    unlink(link);
    unlink(folder.path);
    cr_expect_eq(rmdir(folder.name), 0, "a draft is left");
}

/* The system ends the writer in the middle of its file, as kill -9 does. */
Test(base_file, a_writer_that_is_killed_leaves_no_draft)
{
    struct folder folder;
    folder_make(&folder);
    int unnamed = open(folder.name, O_TMPFILE | O_RDWR, 0600), status;
    if (unnamed < 0) cr_skip_test("files have names here from the beginning");
    close(unnamed);
    write_it(&folder, 3);
    pid_t writer = fork();
    if (writer == 0) {
        static const char bytes[9000];
        signal(SIGXFSZ, SIG_DFL);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, 4096});
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        _exit(file_renew(folder.path, bytes, sizeof bytes));
    }
    cr_assert_eq(waitpid(writer, &status, 0), writer);
    cr_expect(WIFSIGNALED(status));
    unlink(folder.path);
    cr_expect_eq(rmdir(folder.name), 0, "a draft is left");
}

Test(base_file, an_installed_file_is_whole_or_as_it_was)
{
    struct folder folder;
    const char *why;
    size_t length;
    char fresh[96];
    folder_make(&folder);
    snprintf(fresh, sizeof fresh, "%s.new", folder.path);
    cr_assert(file_install(folder.path, "old", 3));
    int left = open(fresh, O_WRONLY | O_CREAT | O_CLOEXEC, 0644); /* by a process that was killed */
    cr_assert_geq(left, 0);
    close(left);
    cr_assert(file_install(folder.path, "new one", 7));
    char *text = file_read(folder.path, 100, &length, &why);
    cr_assert_str_eq(text, "new one");
    free(text);
    struct stat info;
    cr_assert_eq(stat(folder.path, &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0600);
    cr_assert_neq(access(fresh, F_OK), 0);
    cr_assert_eq(mkdir(fresh, 0700), 0); /* in the way */
    cr_assert_not(file_install(folder.path, "newest", 6));
    cr_assert_eq(errno, EEXIST);
    text = file_read(folder.path, 100, &length, &why);
    cr_assert_str_eq(text, "new one");
    free(text);
    rmdir(fresh);
    folder_remove(&folder);
}
