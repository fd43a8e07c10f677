//! What users are promised, tried through the program itself: its command line, its pages, its API.

mod bad_input;
mod browser;
mod catalogue;
mod demo;
mod faults;
mod fiscal_calendars;
mod html;
mod maven;
mod one_number;
mod program;
mod small_company;
mod two_times;
mod web;
