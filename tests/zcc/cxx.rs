//! C++: its library, and what exceptions are here.

use crate::Project;

#[test]
fn the_library_of_cxx_is_there() {
    let source = r#"
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

struct Shape {
    virtual ~Shape() = default;
    virtual double area() const = 0;
};
struct Square : Shape {
    double side;
    explicit Square(double side) : side(side) {}
    double area() const override { return side * side; }
};

int main() {
    std::map<std::string, int> words;
    std::istringstream text("to be or not to be");
    for (std::string word; text >> word;) words[word]++;
    for (auto &[word, count] : words) std::cout << word << ' ' << count << '\n';
    std::vector<std::unique_ptr<Shape>> shapes;
    for (double side : {3.0, 1.0, 2.0}) shapes.push_back(std::make_unique<Square>(side));
    std::sort(shapes.begin(), shapes.end(), [](auto &a, auto &b) { return a->area() < b->area(); });
    for (auto &shape : shapes) std::cout << shape->area() << std::endl;
    std::cout << (dynamic_cast<Square *>(shapes[0].get()) != nullptr) << '\n';
}
"#;
    let project = Project::new(&[("a.cc", source)]);
    project.run(&["z++", "-std=c++20", "-Wall", "-O2", "a.cc"]).well();
    project.run(&["./a.out"]).well().printing("be 2\nnot 1\nor 1\nto 2\n1\n4\n9\n1\n");
}

#[test]
fn exceptions_are_refused_when_they_are_compiled_or_end_the_program() {
    let source = r#"
#include <cstdio>
#include <stdexcept>
int main(int count, char **) {
    try {
        if (count > 1) throw std::runtime_error("x");
        puts("not thrown");
    } catch (const std::exception &error) {
        puts(error.what());
    }
}
"#;
    let project = Project::new(&[("a.cc", source)]);
    let ended = project.run(&["z++", "a.cc"]);
    ended.with_status(1).complaining(&[
        "a.cc:6:24: error: cannot use 'throw' with exceptions disabled",
        "-fignore-exceptions",
    ]);
    project.run(&["z++", "-fignore-exceptions", "a.cc"]).well();
    project.run(&["./a.out"]).well().printing("not thrown\n");
    let ended = project.run(&["./a.out", "throw"]);
    ended
        .with_status(107)
        .complaining(&["terminate called after throwing an instance of 'std::runtime_error'"]);
}
