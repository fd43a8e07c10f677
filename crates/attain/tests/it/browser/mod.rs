//! Walks through the program's real pages in a real browser: the way from the company to the rows
//! behind one number, how every page looks, and who can use it.
//!
//! [`chromium`] is the browser of this test process, [`protocol`] the conversation with it, [`tab`]
//! one page in it with a mouse and a keyboard, [`server`] the program with its companies, [`pages`]
//! the list of main pages. What is checked inside a page is the `.js` files beside; they are our own.

mod agreeing;
mod checks;
mod chromium;
mod definitions;
mod pages;
mod protocol;
mod server;
mod sign_in;
mod standing;
mod tab;
mod uploads;
mod walk;
