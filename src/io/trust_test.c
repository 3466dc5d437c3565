#include "io/trust.h"

#include "testing.h"

#include "base/check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/trust_test.XXXXXX";

static void make_file(const char *name)
{
	int fd = open(name, O_CREAT | O_WRONLY, 0600);
	check(fd >= 0);
	close(fd);
}

static int make_folder(void **state)
{
	unsetenv("SSL_CERT_DIR");
	unsetenv("SSL_CERT_FILE");
	check(mkdtemp(folder));
	check(chdir(folder) == 0);
	check(mkdir("hashed", 0700) == 0);
	check(mkdir("plain", 0700) == 0);
	make_file("hashed/3513523f.0");
	make_file("plain/some.pem");
	make_file("bundle.pem");
	make_file("mine.pem");
	return 0;
}

static int remove_folder(void **state)
{
	unlink("hashed/3513523f.0");
	unlink("plain/some.pem");
	unlink("bundle.pem");
	unlink("mine.pem");
	rmdir("hashed");
	rmdir("plain");
	return rmdir(folder);
}

static void expect(const char *folder_default, const char *bundle_default, const char *found_folder,
		   const char *found_bundle)
{
	struct trust trust = trust_find(folder_default, bundle_default);
	assert_str(str_of(trust.folder), found_folder);
	assert_str(str_of(trust.bundle), found_bundle);
}

static void the_cheaper_one_of_the_system_is_taken(void **state)
{
	expect("hashed", "bundle.pem", "hashed", "");
	expect("plain", "bundle.pem", "", "bundle.pem");
	expect("none", "bundle.pem", "", "bundle.pem");
	expect("none", "none.pem", "", "");
	expect(NULL, NULL, "", "");
}

static void the_environment_stands_in_for_a_default(void **state)
{
	setenv("SSL_CERT_DIR", "hashed", 1);
	expect("plain", "bundle.pem", "hashed", "bundle.pem");
	unsetenv("SSL_CERT_DIR");
	setenv("SSL_CERT_FILE", "mine.pem", 1);
	expect("hashed", "bundle.pem", "hashed", "mine.pem");
	expect("plain", "bundle.pem", "", "mine.pem");
	setenv("SSL_CERT_FILE", "", 1);
	expect("plain", "bundle.pem", "", "bundle.pem");
	unsetenv("SSL_CERT_FILE");
}

static void a_bundle_made_of_the_folder_is_left_out(void **state)
{
	setenv("SSL_CERT_DIR", "hashed/", 1);
	setenv("SSL_CERT_FILE", "hashed/3513523f.0", 1);
	expect("plain", "bundle.pem", "hashed/", "");
	unsetenv("SSL_CERT_DIR");
	unsetenv("SSL_CERT_FILE");
}

static void a_big_bundle_is_complete(void **state)
{
	setenv("SSL_CERT_FILE", "mine.pem", 1);
	check(truncate("mine.pem", 100'000) == 0);
	expect("hashed", "bundle.pem", "", "mine.pem");
	check(truncate("mine.pem", 1'000) == 0);
	unsetenv("SSL_CERT_FILE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cheaper_one_of_the_system_is_taken),
		cmocka_unit_test(the_environment_stands_in_for_a_default),
		cmocka_unit_test(a_bundle_made_of_the_folder_is_left_out),
		cmocka_unit_test(a_big_bundle_is_complete),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
