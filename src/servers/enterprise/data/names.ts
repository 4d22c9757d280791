/** Given and family names from the regions where the company has offices; every pair is used at most once. */
export const FIRST_NAMES = (
  "Adaeze Aisha Akira Alejandra Alicia Amara Amelia Amir Ana Anders André Anika Anjali Anton Arjun Astrid Beatriz " +
  "Benedikt Bianca Bruno Camila Carlos Catarina Chen Chiara Chloe Claire Clara Daniel Daniela Darius David Deborah " +
  "Diego Dimitri Duarte Elena Elif Eliza Emeka Emil Emma Esther Ethan Farah Fatima Felix Finn Florian Francisca " +
  "Gabriel Georgia Grace Greta Hannah Haruto Hassan Helena Henrique Hugo Ibrahim Imani Inês Ingrid Isabel Ivan Jack " +
  "Jana Jasmine Javier Jia Joana João Jonas Joseph Julia Kai Karim Katarina Kavya Keiko Kenji Kofi Lara Laura Leila " +
  "Leon Lina Linh Liam Lucas Lúcia Luka Madeleine Maja Malik Marcus Margarida Maria Mariam Marta Mateus Matilde Maya " +
  "Mei Miguel Mila Mohamed Nadia Naomi Natalia Nikhil Nina Noah Noor Nuno Olga Oliver Olivia Omar Oskar Patrícia Paul " +
  "Pedro Petra Priya Rafael Rahul Raquel Rebecca Ricardo Rosa Ruth Ryan Samir Samuel Sandra Sanjay Sara Sebastian " +
  "Selma Sergio Siew Simon Sofia Sonia Stefan Tariq Teresa Theo Thomas Tiago Tobias Tomás Uma Valentina Vera Victor " +
  "Vikram Wei Yara Yuki Yusuf Zainab Zoe"
).split(" ");

export const LAST_NAMES = (
  "Abbott Acheampong Adeyemi Ahmed Almeida Alvarez Andersson Aoki Araújo Arora Azevedo Baker Banerjee Barros Bauer " +
  "Becker Bennett Bergström Bhatt Bianchi Botelho Boyd Braun Brooks Cardoso Carvalho Castro Chan Chaudhry Chua Coelho " +
  "Cohen Correia Costa Crawford Cruz Dahl Das Delgado Demir Dias Dietrich Dubois Eze Farouk Faria Fernandes Ferreira " +
  "Fischer Fitzgerald Fonseca Foster Freitas Fuchs Garcia Gill Goh Gomes Gonzalez Graham Grant Guerra Gupta Haddad " +
  "Hakimi Hansen Hartmann Hayes Hoffmann Holmberg Huang Hughes Ibarra Ismail Ito Ivanova Iyer Jensen Johansson Joshi " +
  "Kamau Kapoor Kaur Keller Khan Kim Kimura Klein Kowalski Krüger Kumar Lam Lang Larsen Lee Lehmann Leitão Lim Lindgren " +
  "Lopes Lopez MacDonald Machado Malik Marques Martins Matos Mbeki Mehta Mendes Mensah Meyer Monteiro Moreau Moreira " +
  "Morgan Müller Murphy Nair Nakamura Neves Ng Nguyen Nkosi Nowak Nunes O'Brien Oduya Okafor Oliveira Ong Osei Pacheco " +
  "Park Patel Pereira Petrov Pham Pinto Popescu Qureshi Rahman Ramos Rao Reid Reis Ribeiro Richter Rocha Rodriguez " +
  "Romero Rossi Roy Saito Santos Sato Schmidt Schneider Schulz Sharma Silva Singh Sousa Stewart Sullivan Suzuki Tan " +
  "Tanaka Tavares Taylor Teixeira Teo Tran Turner Vargas Vaz Vieira Virtanen Vogel Wagner Walker Wang Watanabe Weber " +
  "Wong Wu Yamamoto Yang Yeo Yilmaz Young Zhang Zhou Ziegler Zimmermann"
).split(" ");
