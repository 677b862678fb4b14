//! ShellCheck's codes: their severities, and which of the linter's rules finds them.
//!
//! Only what stands here is looked for. Severities are those of ShellCheck.

use std::fmt;
use std::sync::LazyLock;

use shuck_linter::Rule as R;

use crate::rule::Severity::{self, Error, Info, Style, Warning};

/// Is one of ShellCheck's codes.
pub struct ShellCode {
    /// The code, as in `SC2086`.
    pub id: &'static str,
    /// The severity where no configuration says otherwise.
    pub severity: Severity,
    pub(super) source: Source,
}

/// Says who looks for a code.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// The linter, by one of its rules.
    Linter(R),
    /// We do; the text is the summary.
    Own(&'static str),
}

impl ShellCode {
    /// Returns the rule of the linter that finds it.
    pub(super) fn rule(&self) -> Option<R> {
        match self.source {
            Source::Linter(rule) => Some(rule),
            Source::Own(_) => None,
        }
    }

    /// Returns what the code is about, in one sentence.
    pub fn summary(&self) -> &'static str {
        match self.source {
            Source::Linter(rule) => shuck_linter::rule_metadata(rule).map_or("", |data| data.description),
            Source::Own(summary) => summary,
        }
    }

    /// Returns the address of its page in ShellCheck's wiki.
    pub fn page(&self) -> String {
        format!("https://www.shellcheck.net/wiki/{}", self.id)
    }

    /// Returns the summary as a message: without a capital and a full stop.
    pub(super) fn message(&self) -> String {
        let summary = self.summary().trim_end_matches('.');
        let mut letters = summary.chars();
        letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
    }

    pub(super) fn number(&self) -> u16 {
        self.id.trim_start_matches("SC").parse().expect("a code is SC and digits")
    }
}

impl fmt::Debug for ShellCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id)
    }
}

impl PartialEq for ShellCode {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for ShellCode {}

/// Lists every code that can be told, in order.
pub fn all() -> &'static [ShellCode] {
    CODES
}

/// Finds a code by its name.
pub fn find(id: &str) -> Option<&'static ShellCode> {
    CODES.binary_search_by_key(&id, |code| code.id).ok().map(|index| &CODES[index])
}

/// Returns the code of a rule.
pub(super) fn of_rule(rule: R) -> Option<&'static ShellCode> {
    static BY_RULE: LazyLock<Vec<Option<&'static ShellCode>>> = LazyLock::new(|| {
        let mut codes = vec![None; R::COUNT];
        for code in CODES {
            if let Source::Linter(rule) = code.source {
                codes[rule as usize] = Some(code);
            }
        }
        codes
    });
    BY_RULE.get(rule as usize).copied().flatten()
}

const fn code(id: &'static str, severity: Severity, rule: R) -> ShellCode {
    ShellCode { id, severity, source: Source::Linter(rule) }
}

const fn own(id: &'static str, severity: Severity, summary: &'static str) -> ShellCode {
    ShellCode { id, severity, source: Source::Own(summary) }
}

static CODES: &[ShellCode] = &[
    own("SC1001", Info, "A backslash before this character changes nothing."),
    own("SC1003", Info, "A backslash does not escape the quote that ends a text in single quotes."),
    code("SC1004", Info, R::LiteralBackslash),
    own("SC1007", Warning, "No blank follows the = of an assignment; an empty value is written ''."),
    own("SC1010", Warning, "A semicolon or line break stands before a word like done."),
    own("SC1011", Warning, "An apostrophe ends a text in single quotes."),
    own("SC1012", Warning, "A backslash and a letter make no control character outside of printf."),
    own("SC1017", Error, "Lines of a script end without a carriage return."),
    own("SC1019", Error, "An operator of a test has an argument."),
    own("SC1020", Error, "A blank stands before the ] that ends a test."),
    own("SC1021", Error, "A blank stands before the \\) in a test."),
    own("SC1026", Error, "Parts of a test are grouped by round brackets, not by square ones."),
    own("SC1027", Error, "A comparison has something on its right."),
    own("SC1028", Error, "Round brackets inside of [ ] are escaped."),
    own("SC1029", Error, "Round brackets inside of [[ ]] are not escaped."),
    own("SC1033", Error, "A test that [[ begins ends with ]]."),
    own("SC1034", Error, "A test that [ begins ends with ]."),
    own("SC1035", Error, "A blank stands here."),
    own("SC1036", Error, "A round bracket in a word is quoted."),
    own("SC1037", Error, "Parameters from the tenth on are written with braces."),
    own("SC1038", Error, "A blank stands between the < of a redirection and <( ."),
    code("SC1039", Error, R::IndentedHeredocClose),
    code("SC1040", Error, R::SpacedTabstripClose),
    code("SC1041", Error, R::HeredocCloserNotAlone),
    code("SC1042", Error, R::MisquotedHeredocClose),
    code("SC1044", Error, R::HeredocMissingEnd),
    own("SC1045", Error, "Either & or ; ends a command."),
    own("SC1046", Error, "An if has its fi."),
    own("SC1047", Error, "The fi of an if stands here."),
    own("SC1048", Error, "A branch has a command; true does nothing."),
    own("SC1049", Error, "An if has its then."),
    own("SC1050", Error, "The then of an if stands here."),
    own("SC1051", Error, "No semicolon follows then."),
    own("SC1052", Error, "No semicolon follows the then of an elif."),
    own("SC1053", Error, "No semicolon follows else."),
    own("SC1054", Error, "A blank follows the { of a group."),
    own("SC1055", Error, "A group has a command; true does nothing."),
    own("SC1056", Error, "The } of a group stands at the beginning of a command."),
    own("SC1057", Error, "A loop has its do."),
    own("SC1058", Error, "The do of a loop stands here."),
    own("SC1059", Error, "No semicolon follows do."),
    own("SC1060", Error, "A loop has a command; true does nothing."),
    own("SC1061", Error, "A do has its done."),
    own("SC1062", Error, "The done of a loop stands here."),
    own("SC1064", Error, "The body of a function begins with {."),
    own("SC1065", Error, "The brackets of a function are empty; its parameters are $1, $2."),
    own("SC1066", Error, "The name on the left of an assignment has no $."),
    own("SC1069", Error, "A blank stands between a word like if and [."),
    own("SC1070", Error, "What stands here belongs to no command."),
    own("SC1071", Error, "The shell is one that ShellCheck knows."),
    own("SC1072", Error, "The script cannot be read from here on."),
    code("SC1073", Error, R::BrokenTestEnd),
    own("SC1074", Error, "Two semicolons end each branch of a case."),
    own("SC1075", Error, "A further branch begins with elif."),
    own("SC1076", Error, "Arithmetic inside of a test is written $((...))."),
    own("SC1078", Warning, "A quoted text that spans lines seems to lack its end."),
    own("SC1079", Info, "The quote that ends a text is glued to a word."),
    own("SC1080", Error, "A line break inside of [ ] has a backslash before it."),
    own("SC1081", Error, "Words like if are written in small letters."),
    own("SC1083", Warning, "A brace that stands for itself is quoted."),
    own("SC1085", Error, "Two semicolons stand before the next branch of a case."),
    own("SC1086", Error, "The variable of a for has no $."),
    own("SC1087", Error, "An element of an array is written with braces."),
    own("SC1088", Error, "No bracket can stand here."),
    own("SC1089", Error, "A word like done has its beginning."),
    own("SC1095", Error, "A blank stands between the name of a function and its body."),
    own("SC1097", Error, "An assignment has one =."),
    own("SC1098", Warning, "Brackets in the words of eval are quoted."),
    own("SC1099", Error, "A blank stands between a word like done and #."),
    own("SC1101", Error, "No blank follows a backslash at the end of a line."),
    own("SC1102", Error, "A blank stands between $( and a subshell."),
    own("SC1105", Error, "A blank stands between two brackets that begin subshells."),
    own("SC1106", Error, "Arithmetic compares by < and its like."),
    own("SC1108", Error, "Blanks stand around the operators of a test."),
    own("SC1109", Error, "The shell has no HTML entities."),
    own("SC1110", Warning, "A typographic quote quotes nothing."),
    own("SC1111", Warning, "A typographic quote in double quotes ends nothing."),
    own("SC1112", Warning, "A typographic quote in single quotes ends nothing."),
    code("SC1114", Error, R::IndentedShebang),
    code("SC1115", Error, R::SpaceAfterHashBang),
    own("SC1116", Error, "Arithmetic in an assignment begins with $((."),
    code("SC1118", Error, R::HeredocEndSpace),
    code("SC1126", Error, R::TrailingDirective),
    own("SC1127", Error, "A comment begins with #."),
    code("SC1128", Error, R::ShebangNotOnFirstLine),
    own("SC1129", Error, "A blank stands between a word like if and !."),
    own("SC1130", Error, "A blank stands between a word like then and :."),
    own("SC1131", Error, "A further branch begins with elif, not elseif."),
    own("SC1132", Warning, "An & ends the command; a blank behind it shows that this is meant."),
    own("SC1133", Error, "A line that continues a pipeline or a list ends with the operator; none begins with it."),
    own("SC1137", Error, "Two brackets stand on each side of an arithmetic for."),
    own("SC1138", Error, "No blank stands between the two brackets of an arithmetic for."),
    own("SC1139", Error, "Tests are joined by && and ||."),
    own("SC1140", Error, "Nothing stands between the end of a test and the end of its command."),
    own("SC1141", Error, "Nothing but redirections follows a compound command."),
    own("SC1142", Error, "A loop reads from a process by < <(...)."),
    own("SC1143", Error, "A backslash at the end of a comment continues nothing."),
    code("SC2001", Style, R::EchoToSedSubstitution),
    code("SC2003", Style, R::ExprArithmetic),
    code("SC2004", Style, R::DollarInArithmetic),
    code("SC2005", Style, R::EchoedCommandSubstitution),
    code("SC2006", Style, R::LegacyBackticks),
    code("SC2007", Style, R::LegacyArithmeticExpansion),
    code("SC2009", Info, R::PsGrepPipeline),
    code("SC2010", Warning, R::LsGrepPipeline),
    code("SC2011", Warning, R::LsPipedToXargs),
    code("SC2012", Info, R::LsInSubstitution),
    code("SC2013", Info, R::LineOrientedInput),
    code("SC2014", Info, R::UnquotedGlobsInFind),
    code("SC2015", Info, R::ChainedTestBranches),
    code("SC2016", Info, R::SingleQuotedLiteral),
    code("SC2018", Info, R::TrLowerRange),
    code("SC2019", Info, R::TrUpperRange),
    code("SC2021", Info, R::UnquotedTrRange),
    code("SC2022", Info, R::GlobInGrepPattern),
    code("SC2024", Warning, R::SudoRedirectionOrder),
    code("SC2026", Info, R::UnquotedWordBetweenQuotes),
    code("SC2027", Warning, R::DoubleQuoteNesting),
    code("SC2028", Info, R::EchoBackslashEscapes),
    code("SC2029", Info, R::SshLocalExpansion),
    code("SC2030", Info, R::SubshellLocalAssignment),
    code("SC2031", Info, R::SubshellSideEffect),
    code("SC2034", Warning, R::UnusedAssignment),
    code("SC2035", Info, R::LeadingGlobArgument),
    code("SC2038", Warning, R::FindOutputToXargs),
    code("SC2043", Warning, R::SingleIterationLoop),
    code("SC2044", Warning, R::FindOutputLoop),
    code("SC2045", Error, R::LoopFromCommandOutput),
    code("SC2046", Warning, R::UnquotedCommandSubstitution),
    code("SC2048", Warning, R::UnquotedDollarStar),
    code("SC2050", Warning, R::ConstantComparisonTest),
    code("SC2053", Warning, R::GlobInStringComparison),
    code("SC2054", Warning, R::CommaArrayElements),
    code("SC2057", Warning, R::EscapedNegationInTest),
    code("SC2059", Info, R::PrintfFormatVariable),
    code("SC2060", Warning, R::UnquotedTrClass),
    code("SC2061", Warning, R::GlobInFindSubstitution),
    code("SC2062", Warning, R::UnquotedGrepRegex),
    code("SC2063", Warning, R::LeadingGlobInGrepPattern),
    code("SC2064", Warning, R::TrapStringExpansion),
    code("SC2066", Error, R::QuotedDollarStarLoop),
    code("SC2068", Error, R::UnquotedArrayExpansion),
    code("SC2069", Warning, R::StderrBeforeStdoutRedirect),
    code("SC2070", Error, R::UnquotedVariableInTest),
    code("SC2071", Error, R::GreaterThanInTest),
    code("SC2072", Error, R::StringComparisonForVersion),
    code("SC2076", Warning, R::QuotedBashRegex),
    code("SC2078", Error, R::TruthyLiteralTest),
    code("SC2080", Error, R::LeadingZeroArithmetic),
    code("SC2081", Error, R::GlobInTestComparison),
    code("SC2082", Error, R::ZshNestedExpansion),
    code("SC2086", Info, R::UnquotedExpansion),
    code("SC2088", Warning, R::TildeInStringComparison),
    code("SC2089", Warning, R::AppendWithEscapedQuotes),
    code("SC2090", Warning, R::VariableAsCommandName),
    code("SC2091", Warning, R::IfDollarCommand),
    code("SC2092", Warning, R::BacktickInCommandPosition),
    code("SC2094", Info, R::RedirectClobbersInput),
    code("SC2096", Error, R::DuplicateShebangFlag),
    code("SC2097", Warning, R::EnvPrefixCommandOnly),
    code("SC2098", Warning, R::EnvPrefixExpansionOnly),
    code("SC2100", Warning, R::AssignmentLooksLikeComparison),
    code("SC2102", Info, R::SuspiciousBracketGlob),
    code("SC2103", Info, R::UncheckedDirectoryChangeInFunction),
    code("SC2104", Error, R::ContinueOutsideLoopInFunction),
    code("SC2105", Error, R::LoopControlOutsideLoop),
    code("SC2112", Warning, R::FunctionKeywordInSh),
    code("SC2113", Warning, R::FunctionKeyword),
    own("SC2114", Warning, "A folder of the system is not removed."),
    code("SC2115", Warning, R::RmGlobOnVariablePath),
    code("SC2116", Style, R::EchoInsideCommandSubstitution),
    code("SC2117", Info, R::SuWithoutFlag),
    code("SC2119", Info, R::FunctionReferencesUnsetParam),
    code("SC2120", Warning, R::FunctionCalledWithoutArgs),
    code("SC2121", Warning, R::SetFlagsWithoutDashes),
    code("SC2124", Warning, R::QuotedArraySlice),
    code("SC2125", Warning, R::GlobAssignedToVariable),
    code("SC2126", Style, R::GrepCountPipeline),
    code("SC2127", Error, R::BashCaseFallthrough),
    code("SC2128", Warning, R::QuotedBashSource),
    code("SC2129", Style, R::CombineAppends),
    code("SC2139", Warning, R::CommandSubstitutionInAlias),
    code("SC2140", Warning, R::MixedQuoteWord),
    code("SC2141", Warning, R::IfsSetToLiteralBackslashN),
    code("SC2142", Error, R::FunctionInAlias),
    code("SC2143", Style, R::GrepOutputInTest),
    code("SC2144", Error, R::GlobInTestDirectory),
    code("SC2145", Error, R::PositionalArgsInString),
    code("SC2146", Warning, R::FindOrWithoutGrouping),
    own("SC2153", Info, "A variable that nothing sets has nearly the name of one that is set."),
    code("SC2154", Warning, R::UndefinedVariable),
    code("SC2155", Warning, R::ExportCommandSubstitution),
    code("SC2156", Warning, R::FindExecDirWithShell),
    code("SC2157", Error, R::LiteralUnaryStringTest),
    code("SC2162", Info, R::ReadWithoutRaw),
    code("SC2163", Warning, R::ExportWithPositionalParams),
    code("SC2164", Warning, R::UncheckedDirectoryChange),
    code("SC2166", Warning, R::CompoundTestOperator),
    code("SC2168", Error, R::LocalTopLevel),
    code("SC2172", Warning, R::TrapSignalNumbers),
    own("SC2174", Warning, "With -p the mode of mkdir is that of the deepest folder only."),
    code("SC2178", Warning, R::ArrayToStringConversion),
    code("SC2181", Style, R::DollarQuestionAfterCommand),
    own("SC2182", Error, "The format of a printf has a directive for each argument."),
    own("SC2183", Warning, "A printf has as many arguments as its format has directives, or several times as many."),
    code("SC2184", Warning, R::UnsetAssociativeArrayElement),
    own("SC2185", Info, "A find without a path does not search the current folder everywhere."),
    code("SC2186", Warning, R::DeprecatedTempfileCommand),
    code("SC2194", Warning, R::ConstantCaseSubject),
    code("SC2195", Warning, R::ZshArraySubscriptInCase),
    code("SC2196", Info, R::EgrepDeprecated),
    code("SC2197", Info, R::FgrepDeprecated),
    code("SC2198", Warning, R::AtSignInStringCompare),
    code("SC2199", Error, R::ArraySliceInComparison),
    code("SC2202", Warning, R::ArraySubscriptTest),
    code("SC2206", Warning, R::UnquotedArraySplit),
    code("SC2207", Warning, R::CommandOutputArraySplit),
    code("SC2209", Warning, R::BareCommandNameAssignment),
    code("SC2210", Warning, R::BadRedirectionFdOrder),
    code("SC2211", Warning, R::BareGlobCommandPath),
    code("SC2212", Style, R::EmptyTest),
    code("SC2213", Warning, R::GetoptsOptionNotInCase),
    code("SC2214", Warning, R::CaseArmNotInGetopts),
    code("SC2215", Warning, R::DiffMarkerLine),
    code("SC2216", Warning, R::PipeToKill),
    code("SC2217", Warning, R::EchoHereDoc),
    code("SC2218", Error, R::FunctionCalledBeforeDefined),
    code("SC2219", Style, R::AvoidLetBuiltin),
    code("SC2220", Warning, R::GetoptsInvalidFlagHandler),
    code("SC2221", Warning, R::CaseGlobReachability),
    code("SC2222", Warning, R::CaseDefaultBeforeGlob),
    code("SC2223", Info, R::DefaultValueInColonAssign),
    own("SC2224", Error, "A mv needs a destination."),
    own("SC2225", Error, "A cp needs a destination."),
    own("SC2226", Warning, "A ln needs a destination."),
    code("SC2231", Info, R::GlobWithExpansionInLoop),
    code("SC2233", Style, R::SingleTestSubshell),
    code("SC2235", Style, R::SubshellTestGroup),
    code("SC2238", Warning, R::RedirectToCommandName),
    code("SC2239", Error, R::NonAbsoluteShebang),
    code("SC2240", Warning, R::SourcedWithArgs),
    code("SC2242", Error, R::InvalidExitStatus),
    own("SC2251", Info, "A ! keeps a failed command from ending a script that runs with set -e."),
    code("SC2252", Warning, R::TautologyChain),
    code("SC2254", Warning, R::CasePatternVar),
    code("SC2257", Warning, R::ArithmeticRedirectionTarget),
    code("SC2260", Error, R::RedirectBeforePipe),
    code("SC2261", Error, R::DuplicateRedirect),
    code("SC2264", Error, R::NestedParameterExpansion),
    code("SC2265", Error, R::RedundantReturnStatus),
    code("SC2267", Info, R::XargsWithInlineReplace),
    code("SC2268", Style, R::XPrefixInTest),
    code("SC2270", Error, R::AssignmentToNumericVariable),
    code("SC2271", Error, R::ElseWithoutThen),
    code("SC2272", Error, R::MissingSemicolonBeforeBrace),
    code("SC2273", Error, R::EmptyFunctionBody),
    code("SC2274", Error, R::BareClosingBrace),
    code("SC2276", Error, R::PlusPrefixInAssignment),
    code("SC2277", Error, R::ExtglobInCasePattern),
    code("SC2280", Error, R::AssignSpecialZero),
    code("SC2282", Error, R::BadVarName),
    own("SC2283", Error, "An assignment has no blanks around =."),
    own("SC2284", Error, "A comparison stands in [ ]."),
    own("SC2285", Error, "An assignment has no blanks around +=."),
    own("SC2286", Error, "An empty text is no name of a command."),
    own("SC2287", Error, "A name of a command does not end with a slash."),
    code("SC2288", Warning, R::TemplateBraceInCommand),
    code("SC2290", Error, R::SubshellInArithmetic),
    code("SC2291", Info, R::RedundantSpacesInEcho),
    code("SC2294", Warning, R::EvalOnArray),
    code("SC2295", Info, R::PatternWithVariable),
    code("SC2296", Error, R::ZshFlagExpansion),
    code("SC2298", Error, R::NestedZshSubstitution),
    code("SC2300", Error, R::ZshParameterFlag),
    code("SC2301", Error, R::ZshParameterIndexFlag),
    code("SC2308", Info, R::ExprSubstrInTest),
    code("SC2309", Warning, R::StringComparedWithEq),
    code("SC2316", Error, R::LocalDeclareCombined),
    code("SC2317", Info, R::UnreachableAfterExit),
    code("SC2318", Warning, R::LocalCrossReference),
    code("SC2319", Warning, R::StatusCaptureAfterBranchTest),
    code("SC2321", Style, R::ArrayIndexArithmetic),
    code("SC2323", Style, R::ArithmeticScoreLine),
    code("SC2327", Warning, R::SubstWithRedirectErr),
    code("SC2328", Error, R::SubstWithRedirect),
    code("SC2329", Info, R::OverwrittenFunction),
    code("SC2331", Style, R::AFlagInDoubleBracket),
    code("SC2333", Warning, R::NonShellSyntaxInScript),
    code("SC2336", Warning, R::AppendToArrayAsString),
    code("SC3001", Warning, R::ProcessSubstitution),
    code("SC3002", Warning, R::ExtglobInSh),
    code("SC3003", Warning, R::AnsiCQuoting),
    code("SC3004", Warning, R::DollarStringInSh),
    code("SC3005", Warning, R::CStyleForInSh),
    code("SC3006", Warning, R::StandaloneArithmetic),
    code("SC3007", Warning, R::LegacyArithmeticInSh),
    code("SC3008", Warning, R::SelectLoop),
    code("SC3009", Warning, R::BraceExpansion),
    code("SC3010", Warning, R::DoubleBracketInSh),
    code("SC3011", Warning, R::HereString),
    code("SC3012", Warning, R::LexicalComparisonInDoubleBracket),
    code("SC3014", Warning, R::TestEqualityOperator),
    code("SC3015", Warning, R::RegexMatchInSh),
    code("SC3016", Warning, R::VTestInSh),
    code("SC3017", Warning, R::ATestInSh),
    code("SC3018", Warning, R::CStyleForArithmeticInSh),
    code("SC3020", Warning, R::AmpersandRedirection),
    code("SC3021", Warning, R::AmpersandRedirectInSh),
    code("SC3022", Warning, R::BraceFdRedirection),
    code("SC3024", Warning, R::PlusEqualsAppend),
    code("SC3026", Warning, R::CaretNegationInBracket),
    own("SC3028", Warning, "A variable that Bash sets is not there in other shells."),
    code("SC3030", Warning, R::ArrayAssignment),
    code("SC3032", Warning, R::Coproc),
    code("SC3033", Warning, R::HyphenatedFunctionName),
    code("SC3034", Warning, R::BashFileSlurp),
    code("SC3037", Warning, R::EchoFlags),
    code("SC3040", Warning, R::PipefailOption),
    code("SC3041", Warning, R::ErrexitTrapInSh),
    code("SC3042", Warning, R::LetCommand),
    code("SC3043", Warning, R::LocalVariableInSh),
    code("SC3044", Warning, R::DeclareCommand),
    code("SC3045", Warning, R::WaitOption),
    code("SC3046", Warning, R::SourceBuiltinInSh),
    code("SC3047", Warning, R::TrapErr),
    code("SC3048", Warning, R::SignalNameInTrap),
    code("SC3050", Warning, R::PrintfQFormatInSh),
    code("SC3051", Warning, R::SourceInsideFunctionInSh),
    code("SC3052", Warning, R::BasePrefixInArithmetic),
    code("SC3053", Warning, R::IndirectExpansion),
    code("SC3054", Warning, R::ArrayReference),
    code("SC3055", Warning, R::ArrayKeysInSh),
    code("SC3057", Warning, R::SubstringExpansion),
    code("SC3058", Warning, R::StarGlobRemovalInSh),
    code("SC3059", Warning, R::CaseModificationExpansion),
    code("SC3060", Warning, R::ReplacementExpansion),
    code("SC3061", Warning, R::BareRead),
    code("SC3062", Warning, R::OptionTestInSh),
    code("SC3065", Warning, R::StickyBitTestInSh),
    code("SC3067", Warning, R::OwnershipTestInSh),
    code("SC3073", Warning, R::PipeStderrInSh),
    code("SC3079", Warning, R::UnsetPatternInSh),
    code("SC3083", Warning, R::NestedDefaultExpansion),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_rules_stand_once() {
        assert!(CODES.is_sorted_by(|left, right| left.id < right.id));
        for code in CODES {
            assert!(code.rule().is_none_or(|rule| of_rule(rule) == Some(code)), "{code:?}");
            assert_eq!(find(code.id), Some(code));
            assert!(!code.summary().is_empty(), "{code:?} has a sentence");
        }
    }
}
