//! The rules, one file each.

mod add_instead_of_copy;
mod apk_cache;
mod apt_in_script;
mod apt_lists_left;
mod apt_recommends;
mod apt_yes;
mod base_tag_latest;
mod base_without_tag;
mod cd_instead_of_workdir;
mod consecutive_run;
mod copy_archive_then_extract;
mod copy_destination_no_slash;
mod copy_from_itself;
mod copy_from_unknown;
mod copy_relative_without_workdir;
mod copy_whole_filesystem;
mod description_format;
mod dnf_clean;
mod dnf_yes;
mod empty_continuation;
mod env_self_reference;
mod expose_invalid_format;
mod expose_proto_casing;
mod from_as_casing;
mod from_platform;
mod from_platform_redundant;
mod healthcheck_missing;
mod inline_ignore;
mod instruction_order;
mod invalid_default_base;
mod invalid_trigger;
mod keyword_casing;
mod label_empty;
mod label_key_format;
mod label_missing;
mod label_not_email;
mod label_not_git_hash;
mod label_not_license;
mod label_not_semver;
mod label_not_time;
mod label_not_url;
mod label_superfluous;
mod labels;
mod last_user_root;
mod legacy_key_value;
mod maintainer_deprecated;
mod multiple_cmd;
mod multiple_entrypoint;
mod multiple_healthcheck;
mod pin_apk;
mod pin_apt;
mod pin_dnf;
mod pin_gem;
mod pin_go;
mod pin_npm;
mod pin_pip;
mod pin_yum;
mod pin_zypper;
mod pip_cache;
mod pipefail_missing;
mod pointless_command;
mod port_out_of_range;
mod registry_not_allowed;
mod rpm;
mod secret_in_variable;
mod shared;
mod shell_by_link;
mod shell_form_command;
mod stage_name_casing;
mod stage_name_duplicate;
mod stage_name_reserved;
mod sudo;
mod syntax;
mod syntax_error;
mod undeclared_argument_in_from;
mod undefined_variable;
mod user_not_numeric;
mod useradd_high_uid;
mod wget_and_curl;
mod wget_progress;
mod workdir_relative;
mod yarn_cache;
mod yum_clean;
mod yum_yes;
mod zypper_clean;
mod zypper_dist_upgrade;
mod zypper_yes;

use crate::rule::Rule;

/// Every rule in the order of names; those that repeat the parser's remarks come last.
const RULES: &[&Rule] = &[
    &add_instead_of_copy::RULE,
    &apk_cache::RULE,
    &apt_in_script::RULE,
    &apt_lists_left::RULE,
    &apt_recommends::RULE,
    &apt_yes::RULE,
    &base_tag_latest::RULE,
    &base_without_tag::RULE,
    &cd_instead_of_workdir::RULE,
    &consecutive_run::RULE,
    &copy_archive_then_extract::RULE,
    &copy_destination_no_slash::RULE,
    &copy_from_itself::RULE,
    &copy_from_unknown::RULE,
    &copy_relative_without_workdir::RULE,
    &copy_whole_filesystem::RULE,
    &description_format::RULE,
    &dnf_clean::RULE,
    &dnf_yes::RULE,
    &empty_continuation::RULE,
    &env_self_reference::RULE,
    &expose_invalid_format::RULE,
    &expose_proto_casing::RULE,
    &from_as_casing::RULE,
    &from_platform::RULE,
    &from_platform_redundant::RULE,
    &healthcheck_missing::RULE,
    &inline_ignore::RULE,
    &instruction_order::RULE,
    &invalid_default_base::RULE,
    &invalid_trigger::RULE,
    &keyword_casing::RULE,
    &label_empty::RULE,
    &label_key_format::RULE,
    &label_missing::RULE,
    &label_not_email::RULE,
    &label_not_git_hash::RULE,
    &label_not_license::RULE,
    &label_not_semver::RULE,
    &label_not_time::RULE,
    &label_not_url::RULE,
    &label_superfluous::RULE,
    &last_user_root::RULE,
    &legacy_key_value::RULE,
    &maintainer_deprecated::RULE,
    &multiple_cmd::RULE,
    &multiple_entrypoint::RULE,
    &multiple_healthcheck::RULE,
    &pin_apk::RULE,
    &pin_apt::RULE,
    &pin_dnf::RULE,
    &pin_gem::RULE,
    &pin_go::RULE,
    &pin_npm::RULE,
    &pin_pip::RULE,
    &pin_yum::RULE,
    &pin_zypper::RULE,
    &pip_cache::RULE,
    &pipefail_missing::RULE,
    &pointless_command::RULE,
    &port_out_of_range::RULE,
    &registry_not_allowed::RULE,
    &secret_in_variable::RULE,
    &shell_by_link::RULE,
    &shell_form_command::RULE,
    &stage_name_casing::RULE,
    &stage_name_duplicate::RULE,
    &stage_name_reserved::RULE,
    &sudo::RULE,
    &syntax_error::RULE,
    &undeclared_argument_in_from::RULE,
    &undefined_variable::RULE,
    &user_not_numeric::RULE,
    &useradd_high_uid::RULE,
    &wget_and_curl::RULE,
    &wget_progress::RULE,
    &workdir_relative::RULE,
    &yarn_cache::RULE,
    &yum_clean::RULE,
    &yum_yes::RULE,
    &zypper_clean::RULE,
    &zypper_dist_upgrade::RULE,
    &zypper_yes::RULE,
];

/// Returns every rule.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().chain(syntax::RULES.iter().copied())
}

/// Returns the first rule that is known by a name, its own or one that another tool has for it.
pub fn find(name: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.is_called(name))
}
