//! What users are promised, tried through the program itself: its command line, its pages, its API.

mod acting_for_others;
mod adventureworks;
mod bad_input;
mod browser;
mod catalogue;
mod company_of_many;
mod comparison;
mod configuration;
mod databases;
mod definitions;
mod demo;
mod diagnosis;
mod faults;
mod fiscal_calendars;
mod goals;
mod html;
mod identity_provider;
mod integrity;
mod mail;
mod maven;
mod merges;
/// The program's own, so that tests open records as it does.
#[path = "../../src/migration.rs"]
mod migration;
mod nearly_counted;
mod one_number;
mod organisation_by_hand;
mod past_numbers;
mod people;
mod permissions;
mod program;
mod quality;
mod receipts;
mod reconciliation;
mod small_company;
mod suggested_mapping;
mod then_and_now;
mod two_times;
mod undo;
mod uploads;
mod watched_folders;
mod web;
mod what_to_know;
mod worked_examples;
