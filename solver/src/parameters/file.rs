//! Parameters in a graph file.

use std::collections::BTreeMap;

use super::{Error, Parameters, Rows};
use crate::clock::REFERENCE;
use crate::graph::{FileError, GraphFile, NodeKind, NodeName};
use crate::processors::{Definition, Kind};

/// Physical parameters stay below this: as a gain it is 240 dB, and audio that has passed a few of those still is finite.
const FARTHEST: f32 = 1e12;

/// Why a file's parameters are none. Each message is one sentence for the user, to stand after the file's name.
#[derive(Debug, thiserror::Error)]
pub enum GivenError {
    /// A node is of no kind.
    #[error(transparent)]
    File(#[from] FileError),
    /// Parameters on no grid.
    #[error(
        "there are parameters, but not the sample rate on whose grid they are; add \"rate\": {REFERENCE}"
    )]
    NoRate,
    /// Parameters of a version in which they depended on the rate of the search.
    #[error(
        "its parameters are on a grid of {0} Hz, which only an older version of the program wrote; they must be on the one of \
         {REFERENCE} Hz, so solve the session anew"
    )]
    OtherGrid(u32),
    /// What takes no parameters has some.
    #[error("{0} has a wet_logit or parameters, but only processors have them")]
    NotAProcessor(NodeName),
    /// A wet weight alone.
    #[error("{0} has a wet_logit but no parameters; give both or neither")]
    WetAlone(NodeName),
    /// A name that the kind has not.
    #[error("{node} has the parameter '{name}', which its kind does not know; its parameters are {right}")]
    UnknownName {
        /// The node.
        node: NodeName,
        /// The name in the file.
        name: String,
        /// The names that it should have, with their lengths.
        right: String,
    },
    /// A name that is missing.
    #[error("{node} lacks the parameter '{name}'; its parameters are {right}")]
    MissingName {
        /// The node.
        node: NodeName,
        /// The name that is not in the file.
        name: &'static str,
        /// The names that it should have, with their lengths.
        right: String,
    },
    /// A list of another length.
    #[error("{node} has {found} numbers in its parameter '{name}'; there must be {right}")]
    Length {
        /// The node.
        node: NodeName,
        /// The parameter.
        name: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        right: usize,
    },
    /// Numbers that no fit gives.
    #[error("{0} has parameters far out of range; no fit gives such numbers")]
    OutOfRange(NodeName),
    /// A defect of the program.
    #[error(transparent)]
    Tensor(#[from] Error),
}

impl Parameters {
    /// The parameters in a file, of those of its processors that have any; a wet weight that is missing is the kind's start.
    ///
    /// # Errors
    /// The first node whose parameters are not those of its kind, by name.
    pub fn from_file(file: &GraphFile) -> Result<Self, GivenError> {
        let mut nodes = vec![];
        for node in &file.nodes {
            match (node.kind()?, &node.parameters, node.wet_logit) {
                (_, None, None) => {}
                (NodeKind::Processor(kind), Some(values), _) => nodes.push((kind, node, values)),
                (NodeKind::Processor(_), None, _) => return Err(GivenError::WetAlone(file.name(node))),
                _ => return Err(GivenError::NotAProcessor(file.name(node))),
            }
        }
        if !nodes.is_empty() {
            match file.rate {
                Some(REFERENCE) => {}
                Some(rate) => return Err(GivenError::OtherGrid(rate)),
                None => return Err(GivenError::NoRate),
            }
        }
        nodes.sort_by_key(|&(kind, node, _)| (kind, node.id));
        let mut given = Self::default();
        for (kind, node, values) in nodes {
            let definition = kind.definition();
            let name = file.name(node);
            let raw = row(definition, values, &name)?;
            let wet_logit = node.wet_logit.unwrap_or_else(|| definition.wet_start());
            let rows = Rows { kind, ids: vec![node.id], raw, wet_logits: vec![wet_logit] };
            let one = Self { rows: vec![rows] };
            if !one.physical()?.iter().all(|v| v.abs() < FARTHEST) {
                return Err(GivenError::OutOfRange(name));
            }
            given.append(one);
        }
        Ok(given)
    }

    /// Writes the parameters to the nodes of their file.
    pub fn write_to(&self, file: &mut GraphFile) {
        file.rate = Some(REFERENCE);
        let mut found = BTreeMap::new();
        for rows in &self.rows {
            let len = rows.kind.definition().row_len();
            for (i, &id) in rows.ids.iter().enumerate() {
                found.insert(id, (rows.kind, &rows.raw[i * len..][..len], rows.wet_logits[i]));
            }
        }
        for node in &mut file.nodes {
            if let Some((kind, raw, wet_logit)) = found.remove(&node.id) {
                node.wet_logit = Some(wet_logit);
                node.parameters = Some(by_name(kind, raw));
            }
        }
    }

    /// Adds processors of the last kind or a later one.
    fn append(&mut self, more: Self) {
        for more in more.rows {
            match self.rows.last_mut() {
                Some(last) if last.kind == more.kind => {
                    last.ids.extend(more.ids);
                    last.raw.extend(more.raw);
                    last.wet_logits.extend(more.wet_logits);
                }
                _ => self.rows.push(more),
            }
        }
    }
}

/// A node's raw parameters in the order of its kind.
fn row(
    definition: &dyn Definition,
    values: &BTreeMap<String, Vec<f32>>,
    node: &NodeName,
) -> Result<Vec<f32>, GivenError> {
    let parameters = definition.parameters();
    let right = || {
        let all = parameters.iter().map(|p| format!("{} ({})", p.name, p.len));
        all.collect::<Vec<_>>().join(", ")
    };
    if let Some(name) = values.keys().find(|&name| parameters.iter().all(|p| p.name != name)) {
        return Err(GivenError::UnknownName { node: node.clone(), name: name.clone(), right: right() });
    }
    let mut row = Vec::with_capacity(definition.row_len());
    for parameter in parameters {
        let (name, right_len) = (parameter.name, parameter.len);
        let Some(list) = values.get(name) else {
            return Err(GivenError::MissingName { node: node.clone(), name, right: right() });
        };
        if list.len() != right_len {
            let found = list.len();
            return Err(GivenError::Length { node: node.clone(), name, found, right: right_len });
        }
        row.extend(list);
    }
    Ok(row)
}

fn by_name(kind: Kind, mut raw: &[f32]) -> BTreeMap<String, Vec<f32>> {
    let lists = kind.definition().parameters().iter().map(|parameter| {
        let (list, rest) = raw.split_at(parameter.len);
        raw = rest;
        (parameter.name.to_string(), list.to_vec())
    });
    lists.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::strategies::graphs_in_strips;
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// A track with a stereo imager and a compressor, whose nodes hold `imager` and `compressor` besides.
    fn read(head: &str, imager: &str, compressor: &str) -> Result<Parameters, GivenError> {
        let text = format!(
            r#"{{{head} "strips": [{{"name": "vox", "role": "track"}}],
              "nodes": [{{"id": 0, "kind": "input", "strip": 0}}, {{"id": 9, "kind": "output"}},
                        {{"id": 7, "kind": "stereo_imager", "strip": 0 {imager}}},
                        {{"id": 4, "kind": "compressor", "strip": 0 {compressor}}}],
              "edges": [[0, 7], [7, 4], [4, 9]]}}"#
        );
        Parameters::from_file(&GraphFile::parse(text.as_bytes()).unwrap())
    }

    const RATE: &str = r#""rate": 30000,"#;

    #[test]
    fn processors_without_parameters_are_left_to_start_fresh() {
        assert_eq!(read("", "", "").unwrap(), Parameters::default());
        let given = read(RATE, r#", "wet_logit": 0.5, "parameters": {"log_gain": [0.25]}"#, "").unwrap();
        let rows = Rows { kind: Kind::StereoImager, ids: vec![7], raw: vec![0.25], wet_logits: vec![0.5] };
        assert_eq!(given.rows, [rows]);
        let compressor = r#", "parameters":
            {"log_knee": [3], "log_ratio": [2], "z_alpha_pre": [4], "log_threshold": [1]}"#;
        let given = read(RATE, "", compressor).unwrap();
        let wet = Kind::Compressor.definition().wet_start();
        assert_eq!((&given.rows[0].raw, &given.rows[0].wet_logits), (&vec![1.0, 2.0, 3.0, 4.0], &vec![wet]));
    }

    #[test]
    fn parameters_that_are_not_the_kinds_are_refused_by_the_name_of_the_node() {
        let said = |head: &str, imager: &str| read(head, imager, "").unwrap_err().to_string();
        let imager = r#", "parameters": {"log_gain": [0.25]}"#;
        assert_eq!(
            said("", imager),
            "there are parameters, but not the sample rate on whose grid they are; add \"rate\": 30000"
        );
        assert_eq!(
            said(r#""rate": 44100,"#, imager),
            "its parameters are on a grid of 44100 Hz, which only an older version of the program wrote; they must be on the \
             one of 30000 Hz, so solve the session anew"
        );
        assert_eq!(
            said(RATE, &imager.replace("0.25", "0.25, 1")),
            "node 7 (stereo_imager of strip 'vox') has 2 numbers in its parameter 'log_gain'; there must be 1"
        );
        assert_eq!(
            said(RATE, &imager.replace("log_gain", "gain")),
            "node 7 (stereo_imager of strip 'vox') has the parameter 'gain', which its kind does not know; its \
             parameters are log_gain (1)"
        );
        assert_eq!(
            said(RATE, r#", "parameters": {}"#),
            "node 7 (stereo_imager of strip 'vox') lacks the parameter 'log_gain'; its parameters are log_gain (1)"
        );
        assert_eq!(
            said(RATE, r#", "wet_logit": 1"#),
            "node 7 (stereo_imager of strip 'vox') has a wet_logit but no parameters; give both or neither"
        );
        for number in ["30", "1e3"] {
            assert_eq!(
                said(RATE, &imager.replace("0.25", number)),
                "node 7 (stereo_imager of strip 'vox') has parameters far out of range; no fit gives such numbers"
            );
        }
        let mut file = GraphFile::of(&crate::graph::strategies::diamond());
        file.nodes[0].wet_logit = Some(1.0);
        let said = Parameters::from_file(&file).unwrap_err().to_string();
        assert_eq!(
            said,
            "node 10 (input of strip 'vox') has a wet_logit or parameters, but only processors have them"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn parameters_are_read_bit_for_bit_as_they_were_written(graph in graphs_in_strips(), seed: u64) {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let mut parameters = Parameters::start(&graph, &mut rng);
            // Every magnitude that a raw parameter may have, and all bits of it.
            for rows in &mut parameters.rows {
                for value in rows.raw.iter_mut().chain(&mut rows.wet_logits) {
                    *value = rng.random_range(-1.0f32..1.0) * 2f32.powi(rng.random_range(-140..3));
                }
            }
            let mut file = GraphFile::of(&graph);
            parameters.write_to(&mut file);
            let text = serde_json::to_string(&file).unwrap();
            let read = GraphFile::parse(text.as_bytes()).unwrap();
            prop_assert_eq!(&read, &file);
            let given = Parameters::from_file(&read).unwrap();
            let bits = |parameters: &Parameters| -> Vec<Vec<u32>> {
                let values = |rows: &Rows| rows.raw.iter().chain(&rows.wet_logits).map(|v| v.to_bits()).collect();
                parameters.rows.iter().map(values).collect()
            };
            prop_assert_eq!(bits(&given), bits(&parameters));
            prop_assert_eq!(given, parameters);
        }
    }
}
