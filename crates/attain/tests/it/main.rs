//! What users are promised, tried through the program itself: its command line, its pages, its API.

mod bad_input;
mod browser;
mod demo;
mod faults;
mod html;
mod maven;
mod nearly_counted;
mod one_number;
mod program;
mod small_company;
mod then_and_now;
mod two_times;
mod web;
